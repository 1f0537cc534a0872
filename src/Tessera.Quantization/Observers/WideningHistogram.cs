namespace Tessera.Quantization.Observers;

/// <summary>
/// Magnitudes over any number of batches in fixed memory: where one lies beyond the last bin, all bins become twice as wide. Zeros are not counted: every scale holds them exactly.
/// </summary>
/// <param name="bins">Number of bins, even.</param>
internal sealed class WideningHistogram(int bins)
{
    private readonly long[] _counts = new long[bins];

    /// <summary>The largest magnitude seen.</summary>
    public float Largest { get; private set; }

    /// <summary>The width of a bin; 0 before the first value other than 0.</summary>
    public double Width { get; private set; }

    /// <summary>The bins up to the largest magnitude.</summary>
    public ReadOnlySpan<long> Counts => _counts.AsSpan(0, Largest == 0 ? 0 : Math.Min(bins, (int)(Largest / Math.Max(Width, double.Epsilon)) + 1));

    /// <summary>Counts a batch.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="largest">The largest magnitude among them.</param>
    public void Add(ReadOnlySpan<float> values, float largest)
    {
        if (!float.IsNormal(largest))
        {
            return; // nothing but zeros
        }

        Largest = MathF.Max(Largest, largest);
        Width = Width == 0 ? (double)largest / bins : Width;
        while (largest > Width * bins)
        {
            Widen();
        }

        double perUnit = 1 / Width;
        foreach (float value in values)
        {
            if (value != 0)
            {
                _counts[Math.Min((int)(Math.Abs(value) * perUnit), bins - 1)]++;
            }
        }
    }

    /// <summary>An estimate of Σ (x − s·clamp(rne(x/s)))²: what lies within the range is rounded by s²/12 in the mean, what is below half a step is lost, what is beyond is clipped.</summary>
    public double SquaredError(float scale)
    {
        double error = 0, step = (double)scale * scale / 12, half = scale / 2.0, end = 127.5 * scale, top = 127.0 * scale;
        ReadOnlySpan<long> counts = Counts;
        for (int i = 0; i < counts.Length; i++)
        {
            double x = (i + 0.5) * Width;
            error += counts[i] * (x < half ? x * x : x <= end ? step : (x - top) * (x - top));
        }

        return error;
    }

    /// <summary>Two bins become one, and no count is lost.</summary>
    private void Widen()
    {
        for (int i = 0; i < bins / 2; i++)
        {
            _counts[i] = _counts[2 * i] + _counts[(2 * i) + 1];
        }

        Array.Clear(_counts, bins / 2, bins - (bins / 2));
        Width *= 2;
    }
}
