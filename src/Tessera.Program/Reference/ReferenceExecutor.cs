namespace Tessera.Programs;

/// <summary>
/// Executes an integer program with plain loops, every tensor in memory of its own: the definition of the right result.
/// One instance may serve many threads at once.
/// </summary>
/// <param name="program">The program.</param>
public sealed class ReferenceExecutor(IntegerProgram program)
{
    /// <summary>The program that it executes.</summary>
    public IntegerProgram Program => program;

    /// <summary>Runs the program on one image.</summary>
    /// <param name="image">The image as the network reads it: H×W×3 int8, YUV444 minus 128.</param>
    /// <param name="tap">Sees each instruction's result: the tensor and its values, H×W×C (class ids for a class map).</param>
    /// <exception cref="ArgumentException">The image has another number of values than the program's input.</exception>
    public ProgramOutputs Run(ReadOnlySpan<sbyte> image, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        program.CheckImage(image);
        var memory = new sbyte[program.Tensors.Length][];
        memory[0] = image.ToArray();
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            memory[instruction.Output] = new sbyte[program.Tensors[instruction.Output].Count];
            instruction.Execute(program, memory);
            tap?.Invoke(program.Tensors[instruction.Output], memory[instruction.Output]);
        }

        return new ProgramOutputs([.. program.Outputs.Select(output => new ProgramOutput(output.Name, program.Tensors[output.Tensor], [.. memory[output.Tensor]]))]);
    }
}
