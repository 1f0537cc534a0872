using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>Settings of <see cref="OneCycleSchedule"/>; names and defaults are those of PyTorch's OneCycleLR.</summary>
public sealed record OneCycleOptions
{
    /// <summary>The share of the steps in which the rate rises, above 0 and below 1.</summary>
    public double RisingShare { get; init; } = 0.3;

    /// <summary>The highest rate divided by the first, at least 1.</summary>
    public double DivFactor { get; init; } = 25;

    /// <summary>The first rate divided by the last, at least 1.</summary>
    public double FinalDivFactor { get; init; } = 1e4;

    /// <summary>Whether the rate moves in straight lines instead of half waves.</summary>
    public bool IsLinear { get; init; }

    /// <summary>Reads the updater's keys.</summary>
    public static OneCycleOptions Read(IKeyReader keys) => new()
    {
        RisingShare = keys.Number("pct_start", 0.3, 0.001, 0.999),
        DivFactor = keys.Number("div_factor", 25, 1, 1e9),
        FinalDivFactor = keys.Number("final_div_factor", 1e4, 1, 1e9),
        IsLinear = keys.Choice<bool>("anneal_strategy", false, ("cos", false), ("linear", true)),
    };
}

/// <summary>
/// One rise to the highest rate, and one fall far below the first (Smith and Topin, 2017), PyTorch's OneCycleLR: over T steps the highest rate is that of step
/// <c>pct_start · T − 1</c>, the last that of step T − 1.
/// </summary>
public sealed class OneCycleSchedule : ILearningRateSchedule
{
    private readonly double _highest;
    private readonly OneCycleOptions _options;

    /// <summary>Creates a schedule.</summary>
    /// <param name="highest">The highest rate, above 0.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="UsageException">A value is out of its range.</exception>
    public OneCycleSchedule(double highest, OneCycleOptions options)
    {
        RateRange.Require(highest);
        if (!(options.RisingShare > 0 && options.RisingShare < 1) || !(options.DivFactor >= 1) || !(options.FinalDivFactor >= 1))
        {
            throw new UsageException(FormattableString.Invariant(
                $"A cycle has pct_start {options.RisingShare}, div_factor {options.DivFactor} and final_div_factor {options.FinalDivFactor}; these must lie between 0 and 1, and be at least 1."));
        }

        (_highest, _options) = (highest, options);
    }

    /// <inheritdoc/>
    public double RateAt(TrainingMoment moment)
    {
        double steps = (double)moment.Epochs * moment.StepsPerEpoch, top = (_options.RisingShare * steps) - 1, end = steps - 1;
        double first = _highest / _options.DivFactor, last = first / _options.FinalDivFactor;
        return moment.Step <= top ? Between(first, _highest, top <= 0 ? 1 : moment.Step / top) : Between(_highest, last, end <= top ? 1 : Math.Min(1, (moment.Step - top) / (end - top)));
    }

    private double Between(double from, double to, double share) =>
        _options.IsLinear ? from + ((to - from) * share) : to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * share)));
}
