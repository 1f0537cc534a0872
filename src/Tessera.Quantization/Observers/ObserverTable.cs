using System.Collections.Immutable;

namespace Tessera.Quantization.Observers;

/// <summary>What an observer may need to be made.</summary>
public sealed record ObserverSettings
{
    /// <summary>Weight of a new batch in a smoothed range, in (0, 1]; HAT's default is 0.01.</summary>
    public double AveragingConstant { get; init; } = 0.01;

    /// <summary>The share of values that <see cref="ObserverKind.Percentile"/> keeps, in percent, (0, 100].</summary>
    public double Percentile { get; init; } = 99.99;

    /// <summary>Bins of the histogram of <see cref="ObserverKind.Percentile"/>.</summary>
    public int PercentileBins { get; init; } = 2048;

    /// <summary>The scale of <see cref="ObserverKind.FixedScale"/>; greater than 0.</summary>
    public float FixedScale { get; init; } = 1;
}

/// <summary>All observers: the name that a configuration gives, and how one is made.</summary>
public static class ObserverTable
{
    /// <summary>The table.</summary>
    public static ImmutableArray<Entry> All { get; } =
    [
        new("min_max", ObserverKind.MinMax, settings => new MinMaxObserver(settings.AveragingConstant)),
        new("moving_average", ObserverKind.MovingAverage, _ => new MovingAverageObserver()),
        new("widest", ObserverKind.Widest, _ => new WidestObserver()),
        new("percentile", ObserverKind.Percentile, settings => new PercentileObserver(settings.AveragingConstant, settings.Percentile, settings.PercentileBins)),
        new("mse", ObserverKind.Mse, settings => new MseObserver(settings.AveragingConstant)),
        new("kl", ObserverKind.Kl, _ => new KlObserver()),
        new("mix", ObserverKind.Mix, settings => new MixObserver(settings.AveragingConstant)),
        new("fixed_scale", ObserverKind.FixedScale, settings => new FixedScaleObserver(settings.FixedScale)),
    ];

    /// <summary>Makes an observer.</summary>
    public static Observer Create(ObserverKind kind, ObserverSettings settings) => All.First(entry => entry.Kind == kind).Create(settings);

    /// <summary>One observer.</summary>
    /// <param name="Name">Its name in a configuration.</param>
    /// <param name="Kind">Its kind.</param>
    /// <param name="Create">Makes one.</param>
    public sealed record Entry(string Name, ObserverKind Kind, Func<ObserverSettings, Observer> Create);
}
