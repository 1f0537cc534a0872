namespace Tessera.Runtime;

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
        var memory = new sbyte[program.Tensors.Length][];
        ProgramInterpreter.Run(program, image, Bytes, tap);
        return ProgramInterpreter.Outputs(program, Bytes);

        Span<sbyte> Bytes(int tensor) => memory[tensor] ??= new sbyte[program.Tensors[tensor].Count];
    }
}
