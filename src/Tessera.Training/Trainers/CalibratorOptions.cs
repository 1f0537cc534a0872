using System.Collections.Immutable;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training;

/// <summary>Settings of the calibration stage.</summary>
public sealed record CalibratorOptions
{
    /// <summary>The float training graph of the configuration.</summary>
    public required Graph TrainingGraph { get; init; }

    /// <summary>The trained float network: <see cref="Checkpoint.Network"/> of the best float checkpoint.</summary>
    public required Network FloatNetwork { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>What the checkpoint says about the run.</summary>
    public required RunInfo Run { get; init; }

    /// <summary>The observers.</summary>
    public CalibrationOptions Calibration { get; init; } = new();

    /// <summary>Images to observe, at least 1. Where the set has fewer, it is run through again, as HAT does; whole batches are taken.</summary>
    public int Images { get; init; } = 1000;

    /// <summary>Estimate the statistics of batch norms anew from calibration images before they are folded.</summary>
    public bool ReestimateBatchNorm { get; init; }

    /// <summary>Steps of the float training; 0 where that is not known. With it the images are compared with those of training.</summary>
    public long TrainingSteps { get; init; }

    /// <summary>What is known before a look at the images to make the set unfit, in whole sentences.</summary>
    public ImmutableArray<string> KnownProblems { get; init; } = [];

    /// <summary>Calibrate although the images are unfit; <see cref="CalibrationResult.Problems"/> then says why they are.</summary>
    public bool AllowInadequateSet { get; init; }

    /// <summary>The size at which validation compares.</summary>
    public EvalSize ValidationSize { get; init; } = EvalSize.Input;
}

/// <summary>What calibration found for one convolution.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Scale">Scale of its output; 127.5 times this is the range.</param>
/// <param name="SaturatedShare">The share of its outputs on validation images that lie at -128 or 127, 0..1.</param>
/// <param name="SmallestWeightScale">The smallest scale of its output channels.</param>
/// <param name="LargestWeightScale">The largest scale of its output channels.</param>
/// <param name="Report">What was seen of it on the calibration images.</param>
public sealed record ScaleSummary(string Node, float Scale, double SaturatedShare, float SmallestWeightScale, float LargestWeightScale, NodeReport Report);

/// <summary>What calibration gave.</summary>
/// <param name="Metrics">Validation with the integer arithmetic.</param>
/// <param name="Scales">Per convolution, in graph order.</param>
/// <param name="Images">Images observed.</param>
/// <param name="Seconds">The whole stage's time.</param>
/// <param name="Path">The checkpoint.</param>
/// <param name="Problems">Why the images are unfit, where <see cref="CalibratorOptions.AllowInadequateSet"/> let them pass; else empty.</param>
public sealed record CalibrationResult(MetricTable Metrics, IReadOnlyList<ScaleSummary> Scales, int Images, double Seconds, string Path, ImmutableArray<string> Problems)
{
    /// <summary>The batch norms as the float training left them, beside the calibration images, in graph order; empty where there are none, or batches of one value per channel.</summary>
    public ImmutableArray<BatchNormReport> BatchNorms { get; init; } = [];

    /// <summary>Whether their statistics were estimated anew before they were folded.</summary>
    public bool IsBatchNormReestimated { get; init; }
}
