using Tessera.Recipes;
using Tessera.Training;

namespace Tessera.Cli.Configuration;

/// <summary>The <c>val_metric</c> section: mIoU, and what is reported beside it.</summary>
/// <param name="EvalSize">The size at which <c>predict</c> compares.</param>
public sealed record MetricConfig(EvalSize EvalSize)
{
    private static readonly RecipeTable<MetricConfig> Table = new("metric", new Recipe<MetricConfig>("MeanIOU", ReadKeys));

    /// <summary>Report F1 of each class.</summary>
    public bool F1 { get; init; }

    /// <summary>Report the IoU weighted by the classes' frequencies.</summary>
    public bool FrequencyWeightedIoU { get; init; }

    /// <summary>Let <c>predict</c> measure and report the boundary IoU of each class.</summary>
    public bool BoundaryIoU { get; init; }

    /// <summary>How far from a border the boundary IoU looks, as a share of the image's diagonal.</summary>
    public double BoundaryWidth { get; init; } = BoundaryCounts.DefaultWidth;

    /// <summary>Reads the section.</summary>
    internal static MetricConfig Read(IKeyReader keys) => keys.Typed(Table, "MeanIOU");

    private static MetricConfig ReadKeys(IKeyReader keys) => new(keys.Choice<EvalSize>("eval_size", EvalSize.Original, ("original", EvalSize.Original), ("input", EvalSize.Input)))
    {
        F1 = keys.Flag("f1", false),
        FrequencyWeightedIoU = keys.Flag("frequency_weighted_iou", false),
        BoundaryIoU = keys.Flag("boundary_iou", false),
        BoundaryWidth = keys.Positive("boundary_width", BoundaryCounts.DefaultWidth, 1),
    };
}
