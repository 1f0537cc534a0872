namespace Tessera.Quantization.Observers;

/// <summary>Clips the largest magnitudes of each batch, so that the given share of its values stays; then smooths (HAT's percentile).</summary>
/// <param name="averagingConstant">c, in (0, 1].</param>
/// <param name="percentile">The share of values kept, in percent, (0, 100].</param>
/// <param name="bins">Bins of the histogram of magnitudes.</param>
public sealed class PercentileObserver(double averagingConstant, double percentile, int bins) : SmoothedObserver(averagingConstant)
{
    /// <inheritdoc/>
    private protected override (float Min, float Max) Range(ReadOnlySpan<float> values, float min, float max)
    {
        float largest = MathF.Max(-min, max);
        if (!float.IsNormal(largest))
        {
            return (min, max); // nothing but zeros
        }

        float clip = new MagnitudeHistogram(values, largest, bins).Quantile(percentile / 100);
        return (MathF.Max(min, -clip), MathF.Min(max, clip));
    }
}
