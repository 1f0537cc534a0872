using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>What the vector kernels may take for granted about a convolution, proven from its weights before anything is executed.</summary>
internal static class RequantizedRange
{
    /// <summary>
    /// True when no requantized value leaves int32 before it is clamped. Then rounding first and clamping with saturating instructions gives
    /// the same as clamping first: both ends of the clamp are integers.
    /// </summary>
    /// <param name="conv">The convolution.</param>
    public static bool StaysWithinInt32(ConvInstruction conv)
    {
        int perChannel = conv.Weights.Length / conv.Bias.Length;
        double shortcut = 128.0 * conv.ResidualMultiplier;
        for (int channel = 0; channel < conv.Bias.Length; channel++)
        {
            // Right of every input, also of one that is never negative.
            long bound = Int8Arithmetic.AccumulatorBound(conv.Weights.AsSpan(channel * perChannel, perChannel), conv.Bias[channel]);

            // 2^30 leaves room for the rounding of both float32 products and their sum.
            if ((bound * (double)conv.Multipliers[channel]) + shortcut >= 1 << 30)
            {
                return false;
            }
        }

        return true;
    }
}
