using Tessera.Core;

namespace Tessera.Programs;

/// <summary>How large the accumulators of a program's convolutions may become: the proof that float32 holds them (<c>docs/arithmetic.md</c>).</summary>
public static class AccumulatorProof
{
    /// <summary>The bound on the magnitude of a channel's accumulator, over all images.</summary>
    /// <param name="program">The program.</param>
    /// <param name="conv">One of its convolutions.</param>
    /// <param name="channel">The output channel.</param>
    public static long Bound(IntegerProgram program, ConvInstruction conv, int channel) => Bound(conv, channel, program.NonNegative[conv.Input]);

    /// <summary>The largest of the bounds of all channels.</summary>
    /// <param name="program">The program.</param>
    /// <param name="conv">One of its convolutions.</param>
    public static long LargestBound(IntegerProgram program, ConvInstruction conv)
    {
        bool isNonNegative = program.NonNegative[conv.Input];
        return Enumerable.Range(0, conv.Bias.Length).Max(channel => Bound(conv, channel, isNonNegative));
    }

    private static long Bound(ConvInstruction conv, int channel, bool isNonNegative)
    {
        int perChannel = conv.Weights.Length / conv.Bias.Length;
        return Int8Arithmetic.AccumulatorBound(conv.Weights.AsSpan(channel * perChannel, perChannel), conv.Bias[channel], isNonNegative);
    }
}
