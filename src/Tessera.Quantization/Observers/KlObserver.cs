namespace Tessera.Quantization.Observers;

/// <summary>
/// One histogram of magnitudes over all batches; at the end the clip at which 128 levels tell least else than the histogram does: the smallest
/// Kullback-Leibler divergence (Migacz, GTC 2017), smoothed over nine neighbouring clips (HAT's kl). Zeros are not counted: every scale holds them exactly.
/// </summary>
public sealed class KlObserver : Observer
{
    private const int Bins = 512;
    private const int Levels = 128;
    private const int Window = 9;
    private const double Absent = 1e-9; // stands for a probability of 0, whose divergence would be infinite

    private readonly WideningHistogram _histogram = new(Bins);

    private protected override void Take(ReadOnlySpan<float> values, float min, float max) => _histogram.Add(values, MathF.Max(-min, max));

    private protected override float FinalScale()
    {
        ReadOnlySpan<long> counts = _histogram.Counts;
        if (counts.Length <= Levels)
        {
            return ScaleOf(0, _histogram.Largest);
        }

        var divergences = new double[counts.Length - Levels + 1];
        for (int i = 0; i < divergences.Length; i++)
        {
            divergences[i] = Divergence(counts, Levels + i);
        }

        double[] smoothed = [.. divergences.Select((_, i) => divergences[Math.Max(0, i - (Window / 2))..Math.Min(divergences.Length, i + (Window / 2) + 1)].Average())];
        int best = Levels + Array.IndexOf(smoothed, smoothed.Min());
        return ScaleOf(0, Math.Min(_histogram.Largest, (best + 0.5) * _histogram.Width));
    }

    /// <summary>How far the histogram, clipped after some bins, is from what 128 levels make of it.</summary>
    private static double Divergence(ReadOnlySpan<long> counts, int kept)
    {
        double outliers = 0, inside = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            outliers += i < kept ? 0 : counts[i];
            inside += i < kept ? counts[i] : 0;
        }

        double divergence = 0;
        for (int level = 0; level < Levels; level++)
        {
            int first = level * kept / Levels, end = (level + 1) * kept / Levels, occupied = 0;
            double sum = 0;
            for (int i = first; i < end; i++)
            {
                sum += counts[i];
                occupied += counts[i] > 0 ? 1 : 0;
            }

            for (int i = first; i < end; i++)
            {
                double p = (counts[i] + (i == kept - 1 ? outliers : 0)) / (inside + outliers);
                double q = counts[i] > 0 ? sum / occupied / inside : Absent;
                divergence += p > 0 ? p * Math.Log(p / q) : 0;
            }
        }

        return divergence;
    }
}
