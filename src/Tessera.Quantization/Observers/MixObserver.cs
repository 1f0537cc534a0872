using Tessera.Core;

namespace Tessera.Quantization.Observers;

/// <summary>Of nine percentiles from 99.9 to 99.9999 the one with the smallest quantization error on the batch in the L2 norm; then smooths (HAT's mix).</summary>
public sealed class MixObserver(double averagingConstant) : SmoothedObserver(averagingConstant)
{
    private const int Bins = 2048;

    private static readonly double[] Shares = [0.999, 0.9995, 0.9999, 0.99993, 0.99995, 0.99997, 0.99999, 0.999995, 0.999999];

    /// <inheritdoc/>
    private protected override (float Min, float Max) Range(ReadOnlySpan<float> values, float min, float max)
    {
        float largest = MathF.Max(-min, max);
        if (!float.IsNormal(largest))
        {
            return (min, max); // nothing but zeros
        }

        var histogram = new MagnitudeHistogram(values, largest, Bins);
        float[] clips = [.. Shares.Select(histogram.Quantile).Distinct()];
        double[] errors = QuantizationError.Squared(values, [.. clips.Select(clip => Int8Arithmetic.ScaleFor(MathF.Min(clip, largest)))]);
        float best = clips[Array.IndexOf(errors, errors.Min())];
        return (MathF.Max(min, -best), MathF.Min(max, best));
    }
}
