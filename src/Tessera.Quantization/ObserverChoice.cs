using Tessera.Graphs;
using Tessera.Quantization.Observers;

namespace Tessera.Quantization;

/// <summary>What calibration uses for one convolution, after all rules.</summary>
internal sealed record ObserverChoice(ObserverKind Activation, ObserverKind Weight, WeightGranularity Granularity, ObserverSettings Settings)
{
    /// <summary>The choice for a node.</summary>
    public static ObserverChoice Of(CalibrationOptions options, Node node)
    {
        var choice = new ObserverChoice(
            options.ActivationObserver,
            options.WeightObserver,
            options.WeightGranularity,
            new ObserverSettings { AveragingConstant = options.AveragingConstant, Percentile = options.Percentile, PercentileBins = options.PercentileBins });
        return options.Rules.Where(rule => rule.Matches(node)).Aggregate(choice, (before, rule) => new ObserverChoice(
            rule.ActivationObserver ?? before.Activation,
            rule.WeightObserver ?? before.Weight,
            rule.WeightGranularity ?? before.Granularity,
            before.Settings with { Percentile = rule.Percentile ?? before.Settings.Percentile, FixedScale = rule.Scale ?? before.Settings.FixedScale }));
    }

    /// <summary>An observer of the node's output.</summary>
    public Observer CreateActivation() => ObserverTable.Create(Activation, Settings);

    /// <summary>An observer of its weights, or of a channel's.</summary>
    public Observer CreateWeight() => ObserverTable.Create(Weight, Settings);
}
