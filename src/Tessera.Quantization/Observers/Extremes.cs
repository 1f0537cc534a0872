using System.Numerics;

namespace Tessera.Quantization.Observers;

/// <summary>Smallest and largest element of a span, in SIMD.</summary>
internal static class Extremes
{
    /// <summary>Finds both; NaN if any element is NaN.</summary>
    public static (float Min, float Max) Of(ReadOnlySpan<float> values)
    {
        float min = values[0], max = values[0];
        int i = 0;
        if (values.Length >= Vector<float>.Count)
        {
            Vector<float> low = new(values), high = low;
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var x = new Vector<float>(values[i..]);
                low = Vector.Min(low, x); // propagates NaN, as IEEE 754:2019 minimum does
                high = Vector.Max(high, x);
            }

            for (int lane = 0; lane < Vector<float>.Count; lane++)
            {
                min = MathF.Min(min, low[lane]);
                max = MathF.Max(max, high[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            min = MathF.Min(min, values[i]);
            max = MathF.Max(max, values[i]);
        }

        return (min, max);
    }
}
