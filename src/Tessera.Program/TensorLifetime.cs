namespace Tessera.Programs;

/// <summary>From which to which instruction a tensor must keep its bytes.</summary>
/// <param name="First">The instruction that writes it; -1 for the input image.</param>
/// <param name="Last">The last instruction that reads it; one past the end for an output.</param>
public readonly record struct TensorLifetime(int First, int Last)
{
    /// <summary>True when both need their bytes during some instruction; an instruction's input and output do.</summary>
    public bool Overlaps(TensorLifetime other) => First <= other.Last && other.First <= Last;

    /// <summary>The lifetimes of a program's tensors, by tensor index.</summary>
    public static TensorLifetime[] Of(IntegerProgram program)
    {
        var lifetimes = new TensorLifetime[program.Tensors.Length];
        Array.Fill(lifetimes, new TensorLifetime(int.MaxValue, int.MinValue)); // never written: overlaps nothing
        lifetimes[0] = new TensorLifetime(-1, -1);
        for (int step = 0; step < program.Instructions.Length; step++)
        {
            IntegerInstruction instruction = program.Instructions[step];
            lifetimes[instruction.Output] = new TensorLifetime(step, step);
            foreach (int input in instruction.Inputs)
            {
                lifetimes[input] = lifetimes[input] with { Last = step };
            }
        }

        foreach (IntegerOutput output in program.Outputs)
        {
            lifetimes[output.Tensor] = lifetimes[output.Tensor] with { Last = program.Instructions.Length };
        }

        return lifetimes;
    }
}
