using System.Collections.Immutable;

namespace Tessera.Training;

/// <summary>The pixel counts and measures of one class over a set.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Correct">Pixels of this class that were predicted as it.</param>
/// <param name="Truth">Pixels of this class, whatever was predicted.</param>
/// <param name="Predicted">Pixels predicted as this class whose truth is not ignored.</param>
public sealed record ClassMetrics(string Name, long Correct, long Truth, long Predicted)
{
    /// <summary>Intersection over union, 0..1; NaN when the class occurs in neither truth nor prediction.</summary>
    public double IoU => Ratio(Correct, Truth + Predicted - Correct);

    /// <summary>The share of the class's pixels that were found, 0..1; NaN when the truth does not hold the class.</summary>
    public double Accuracy => Ratio(Correct, Truth);

    /// <summary>The harmonic mean of precision and recall (Dice), 0..1; NaN when the class occurs in neither truth nor prediction.</summary>
    public double F1 => Ratio(2 * Correct, Truth + Predicted);

    internal static double Ratio(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;
}

/// <summary>What an evaluation over a set gives: HAT's global row and one row per class. All measures are fractions 0..1.</summary>
/// <param name="Classes">The classes in the order of their train ids.</param>
public sealed record MetricTable(ImmutableArray<ClassMetrics> Classes)
{
    /// <summary>The pixels near the borders of each class (<see cref="BoundaryCounts"/>), whose IoU is the boundary IoU; empty where they were not counted.</summary>
    public ImmutableArray<ClassMetrics> Boundaries { get; init; } = [];

    /// <summary>Mean F1 over the classes that occur in truth or prediction; NaN when none does.</summary>
    public double MeanF1 => MeanOfNumbers(Classes, row => row.F1);

    /// <summary>Mean boundary IoU over the classes that occur in truth or prediction; NaN when none does, or none was counted.</summary>
    public double MeanBoundaryIoU => MeanOfNumbers(Boundaries, row => row.IoU);

    /// <summary>Mean IoU over the classes that occur in truth or prediction; NaN when none does.</summary>
    public double MeanIoU => MeanOfNumbers(Classes, row => row.IoU);

    /// <summary>Mean accuracy over the classes that occur in the truth; NaN when none does.</summary>
    public double MeanAccuracy => MeanOfNumbers(Classes, row => row.Accuracy);

    /// <summary>The share of all pixels that are right; NaN without a labelled pixel.</summary>
    public double PixelAccuracy => ClassMetrics.Ratio(Classes.Sum(row => row.Correct), PixelCount);

    /// <summary>Number of pixels that were scored.</summary>
    public long PixelCount => Classes.Sum(row => row.Truth);

    /// <summary>IoU weighted by how often each class occurs in the truth; NaN without a labelled pixel.</summary>
    public double FrequencyWeightedIoU => PixelCount == 0
        ? double.NaN
        : Classes.Where(row => row.Truth > 0).Sum(row => (double)row.Truth / PixelCount * row.IoU);

    private static double MeanOfNumbers(ImmutableArray<ClassMetrics> rows, Func<ClassMetrics, double> measure)
    {
        double sum = 0;
        int count = 0;
        foreach (ClassMetrics row in rows)
        {
            double value = measure(row);
            if (!double.IsNaN(value))
            {
                sum += value;
                count++;
            }
        }

        return count == 0 ? double.NaN : sum / count;
    }
}
