namespace Tessera.Training;

/// <summary>How far the channels of a tensor are from the mean and variance that a batch norm remembers: medians over its channels, which a few dead ones do not move.</summary>
/// <param name="Shift">By how many remembered standard deviations the mean is off.</param>
/// <param name="Ratio">By which factor the variance is off, at least 1.</param>
internal readonly record struct ChannelDistance(double Shift, double Ratio)
{
    /// <summary>Compares channel by channel.</summary>
    /// <param name="mean">The means seen.</param>
    /// <param name="variance">The variances seen.</param>
    /// <param name="remembered">What the norm remembers.</param>
    /// <param name="eps">What it adds to a variance.</param>
    public static ChannelDistance Of(ReadOnlySpan<double> mean, ReadOnlySpan<double> variance, (float[] Mean, float[] Variance) remembered, float eps)
    {
        double[] shifts = new double[mean.Length], ratios = new double[mean.Length];
        for (int channel = 0; channel < mean.Length; channel++)
        {
            double seen = Math.Max(0, variance[channel]) + eps, expected = remembered.Variance[channel] + eps;
            shifts[channel] = Math.Abs(mean[channel] - remembered.Mean[channel]) / Math.Sqrt(expected);
            ratios[channel] = Math.Max(seen / expected, expected / seen);
        }

        return new ChannelDistance(Median(shifts), Median(ratios));
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
