using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Observers;

namespace Tessera.Quantization;

/// <summary>How the range of a tensor is estimated; <see cref="ObserverTable"/> says by what.</summary>
public enum ObserverKind
{
    /// <summary>Smallest and largest value of a batch, smoothed over batches.</summary>
    MinMax,

    /// <summary>The range with the smallest squared quantization error.</summary>
    Mse,

    /// <summary>The mean of the batches' smallest and largest values.</summary>
    MovingAverage,

    /// <summary>Smallest and largest value of all batches.</summary>
    Widest,

    /// <summary>The range that holds a share of the values.</summary>
    Percentile,

    /// <summary>The range with the smallest Kullback-Leibler divergence.</summary>
    Kl,

    /// <summary>The best of several percentiles.</summary>
    Mix,

    /// <summary>A given scale.</summary>
    FixedScale,
}

/// <summary>What shares one weight scale.</summary>
public enum WeightGranularity
{
    /// <summary>The weights of one output channel.</summary>
    PerChannel,

    /// <summary>All weights of a convolution.</summary>
    PerTensor,
}

/// <summary>Settings of calibration; the defaults are HAT's.</summary>
public sealed record CalibrationOptions
{
    /// <summary>The observer of activations; they have one scale per tensor.</summary>
    public ObserverKind ActivationObserver { get; init; } = ObserverKind.Mse;

    /// <summary>The observer of weights.</summary>
    public ObserverKind WeightObserver { get; init; } = ObserverKind.MinMax;

    /// <summary>What shares a weight scale.</summary>
    public WeightGranularity WeightGranularity { get; init; } = WeightGranularity.PerChannel;

    /// <summary>Weight of a new batch in the smoothed range, in (0, 1].</summary>
    public double AveragingConstant { get; init; } = 0.01;

    /// <summary>The share of values that the percentile observer keeps, in percent, (0, 100].</summary>
    public double Percentile { get; init; } = 99.99;

    /// <summary>Bins of the percentile observer's histogram, at least 2.</summary>
    public int PercentileBins { get; init; } = 2048;

    /// <summary>Makes the channels of each activation alike in range before they are observed (<see cref="Rescue.Equalization"/>).</summary>
    public bool Equalize { get; init; }

    /// <summary>Rounds each weight to the side that keeps the convolution's result (<see cref="Rescue.AdaptiveRounding"/>).</summary>
    public bool AdaptRounding { get; init; }

    /// <summary>Takes from the biases what the rounding of weights adds on average (<see cref="Rescue.BiasCorrection"/>).</summary>
    public bool CorrectBias { get; init; }

    /// <summary>How the device that the network is for requantizes; it decides which scales are possible.</summary>
    public Requantization Requantization { get; init; }

    /// <summary>Other choices for some nodes; where several rules match, the last one that says something decides it.</summary>
    public ImmutableArray<ObserverRule> Rules { get; init; } = [];

    /// <summary>Whether a rule gives the scale of a convolution's result.</summary>
    public bool IsScaleGiven(Node convolution) => ObserverChoice.Of(this, convolution).Activation == ObserverKind.FixedScale;
}
