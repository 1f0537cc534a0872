namespace Tessera.Quantization;

/// <summary>How the range of a tensor is estimated.</summary>
public enum ObserverKind
{
    /// <summary>Smallest and largest value.</summary>
    MinMax,

    /// <summary>The range with the smallest squared quantization error.</summary>
    Mse,
}

/// <summary>Settings of calibration; the defaults are HAT's.</summary>
public sealed record CalibrationOptions
{
    /// <summary>The observer of activations.</summary>
    public ObserverKind ActivationObserver { get; init; } = ObserverKind.Mse;

    /// <summary>The observer of weights, per output channel.</summary>
    public ObserverKind WeightObserver { get; init; } = ObserverKind.MinMax;

    /// <summary>Weight of a new batch in the smoothed range, in (0, 1].</summary>
    public double AveragingConstant { get; init; } = 0.01;
}
