using System.Numerics;
using Tessera.Core;

namespace Tessera.Quantization.Observers;

/// <summary>
/// Keeps the range whose quantization error on the batch is smallest in the L2 norm: 95 candidates shrink the extremes by 0 % to 94 %;
/// among equals the narrowest wins (HAT's mse observer).
/// </summary>
public sealed class MseObserver(double averagingConstant) : Observer(averagingConstant)
{
    private const int Candidates = 95;
    private const int BlockLength = 2048; // 8 KB: stays in the first-level cache while all candidates read it

    /// <inheritdoc/>
    private protected override (float Min, float Max) Range(ReadOnlySpan<float> values, float min, float max)
    {
        Span<float> scales = stackalloc float[Candidates];
        Span<double> errors = stackalloc double[Candidates];
        errors.Clear();
        for (int i = 0; i < Candidates; i++)
        {
            float shrink = Shrink(i);
            scales[i] = Int8Arithmetic.ScaleFor(MathF.Max(0, MathF.Max(-min * shrink, max * shrink)));
        }

        for (int start = 0; start < values.Length; start += BlockLength)
        {
            ReadOnlySpan<float> block = values.Slice(start, Math.Min(BlockLength, values.Length - start));
            for (int i = 0; i < Candidates; i++)
            {
                errors[i] += SquaredError(block, scales[i]);
            }
        }

        int best = 0;
        for (int i = 1; i < Candidates; i++)
        {
            best = errors[i] <= errors[best] ? i : best;
        }

        return (min * Shrink(best), max * Shrink(best));
    }

    private static float Shrink(int candidate) => 1 - (0.01f * candidate);

    /// <summary>Σ (x − s·clamp(rne(x/s)))² of a block; x/s as a product with 1/s, because this measures and does not define the arithmetic.</summary>
    private static double SquaredError(ReadOnlySpan<float> block, float scale)
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
