using System.Numerics;
using Tessera.Core;

namespace Tessera.Quantization.Observers;

/// <summary>What quantizing a tensor costs, for several scales at once, in SIMD.</summary>
internal static class QuantizationError
{
    private const int BlockLength = 2048; // 8 KB: stays in the first-level cache while all candidates read it

    /// <summary>Σ (x − s·clamp(rne(x/s)))² for each scale s.</summary>
    public static double[] Squared(ReadOnlySpan<float> values, ReadOnlySpan<float> scales)
    {
        double[] errors = new double[scales.Length];
        for (int start = 0; start < values.Length; start += BlockLength)
        {
            ReadOnlySpan<float> block = values.Slice(start, Math.Min(BlockLength, values.Length - start));
            for (int i = 0; i < scales.Length; i++)
            {
                errors[i] += OfBlock(block, scales[i]);
            }
        }

        return errors;
    }

    /// <summary>x/s as a product with 1/s, because this measures and does not define the arithmetic.</summary>
    private static double OfBlock(ReadOnlySpan<float> block, float scale)
    {
        float inverse = 1 / scale;
        var sum = Vector<float>.Zero;
        var low = new Vector<float>(Int8Arithmetic.Min);
        var high = new Vector<float>(Int8Arithmetic.Max);
        int i = 0;
        for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var x = new Vector<float>(block[i..]);
            Vector<float> q = Vector.Round(Vector.Min(Vector.Max(x * inverse, low), high));
            Vector<float> difference = x - (q * scale);
            sum += difference * difference;
        }

        double total = Vector.Sum(sum);
        for (; i < block.Length; i++)
        {
            float difference = block[i] - (MathF.Round(Math.Clamp(block[i] * inverse, Int8Arithmetic.Min, Int8Arithmetic.Max)) * scale);
            total += difference * difference;
        }

        return total;
    }
}
