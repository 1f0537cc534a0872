namespace Tessera.Training;

/// <summary>What a batch norm remembers of training, held against the statistics of its input on calibration images; medians over its channels.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Shift">By how many remembered standard deviations the mean is off.</param>
/// <param name="Ratio">By which factor the variance is off, at least 1.</param>
public sealed record BatchNormReport(string Node, double Shift, double Ratio)
{
    private const double MostShift = 0.5;
    private const double MostRatio = 3;

    /// <summary>How far it is from what settled statistics have; above 1 it is not fit to be folded.</summary>
    public double Severity => Math.Max(Shift / MostShift, Math.Log(Ratio) / Math.Log(MostRatio));
}
