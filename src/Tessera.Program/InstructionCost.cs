namespace Tessera.Programs;

/// <summary>What one instruction computes and touches, whatever executes it.</summary>
/// <param name="Macs">Multiply-adds of a convolution, counted as <c>calops</c> does; 0 for other instructions.</param>
/// <param name="ConstantBytes">Bytes of weights (1 each), biases and multipliers (4 each).</param>
/// <param name="ReadBytes">Bytes of the activations that it reads, each once.</param>
/// <param name="WrittenBytes">Bytes of its result.</param>
public readonly record struct InstructionCost(long Macs, long ConstantBytes, long ReadBytes, long WrittenBytes)
{
    /// <summary>All bytes that it must touch at least once.</summary>
    public long TouchedBytes => ConstantBytes + ReadBytes + WrittenBytes;

    /// <summary>The cost of an instruction of a program.</summary>
    public static InstructionCost Of(IntegerProgram program, IntegerInstruction instruction)
    {
        IntegerTensor output = program.Tensors[instruction.Output];
        long read = instruction.Inputs.Distinct().Sum(tensor => (long)program.Tensors[tensor].Count);
        return new InstructionCost(instruction.Macs(output), instruction.ConstantBytes, read, output.Count);
    }
}
