using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>What a run says about itself in each of its checkpoints.</summary>
public sealed record RunInfo
{
    /// <summary>The run's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>The resolved configuration as text; empty when there was none.</summary>
    public string Config { get; init; } = "";

    /// <summary>The class names in the order of their train ids.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>The weights from which the stage started, by the stage that made them; empty for random ones.</summary>
    public ImmutableSortedDictionary<TrainingStage, string> Lineage { get; init; } = ImmutableSortedDictionary<TrainingStage, string>.Empty;

    /// <summary>The content of the data sets (<c>PackManifest.Identity</c>) by their use, "train" and "val"; empty where it is not known.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>SHA-256 of <see cref="Config"/> in UTF-8, lower-case hexadecimal.</summary>
    public string ConfigHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Config)));
}

/// <summary>Where training stood when a checkpoint was written.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Epoch">The last finished epoch, from 0; -1 for none.</param>
/// <param name="Step">Number of optimizer steps so far.</param>
/// <param name="Metric">Validation mIoU of this epoch, 0..1; NaN when it was not validated.</param>
/// <param name="BestMetric">The best validation mIoU so far; NaN when none.</param>
public sealed record CheckpointState(TrainingStage Stage, int Epoch, long Step, double Metric, double BestMetric)
{
    /// <summary>What was done of the epoch after <see cref="Epoch"/>; null for a checkpoint of a whole epoch.</summary>
    public EpochProgress? Progress { get; init; }
}

/// <summary>A trained network with its history in brief.</summary>
/// <param name="State">Where training stood.</param>
/// <param name="Run">The run that wrote it.</param>
/// <param name="Network">
/// The network in its stage's form: the float training graph, or the prepared graph annotated with scales (calibration, QAT).
/// </param>
/// <param name="Fingerprint"><see cref="NetworkFingerprint"/> of the float training graph.</param>
/// <param name="OptimizerState">What the optimizer remembers (<see cref="IOptimizer.ReadState"/>), for resuming; empty where it was not kept.</param>
public sealed record Checkpoint(
    CheckpointState State, RunInfo Run, Network Network, string Fingerprint, IReadOnlyDictionary<string, float[]> OptimizerState)
{
    /// <summary>When it was written, UTC.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>The version of Tessera that wrote it.</summary>
    public string ToolVersion { get; init; } = CheckpointFile.ThisVersion;

    /// <summary>SHA-256 of parameters and scales, 64 hexadecimal digits, when it was read from a file; else empty.</summary>
    public string WeightsHash { get; internal init; } = "";

    /// <summary>Whether its content was compared with a checksum when it was read; false for files of format 1, which have none.</summary>
    public bool IsVerified { get; internal init; }
}
