namespace Tessera.Quantization.Observers;

/// <summary>Histogram of the magnitudes of one batch, from 0 to the largest.</summary>
internal sealed class MagnitudeHistogram
{
    private readonly long[] _counts;
    private readonly float _largest;
    private readonly long _total;

    /// <summary>Counts.</summary>
    /// <param name="values">The batch.</param>
    /// <param name="largest">The largest magnitude in it.</param>
    /// <param name="bins">Number of bins of equal width.</param>
    public MagnitudeHistogram(ReadOnlySpan<float> values, float largest, int bins)
    {
        _counts = new long[bins];
        (_largest, _total) = (largest, values.Length);
        float perUnit = bins / largest;
        foreach (float value in values)
        {
            _counts[Math.Min((int)(MathF.Abs(value) * perUnit), bins - 1)]++;
        }
    }

    /// <summary>The middle of the first bin at which the given share of all values is reached: <c>(i + ½)·largest/bins</c> (HAT).</summary>
    /// <param name="share">In (0, 1].</param>
    public float Quantile(double share)
    {
        double wanted = share * _total;
        long seen = _counts[0];
        int bin = 0;
        while (seen < wanted && bin < _counts.Length - 1)
        {
            seen += _counts[++bin];
        }

        return (bin + 0.5f) * _largest / _counts.Length;
    }
}
