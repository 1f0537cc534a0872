using System.Collections.Immutable;

namespace Tessera.Training;

/// <summary>A run begins.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="FirstEpoch">The first epoch to train, from 0.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="StepsPerEpoch">Steps of one epoch.</param>
/// <param name="TrainingImages">Training images of one epoch.</param>
/// <param name="ValidationImages">Validation images.</param>
/// <param name="ResumedFrom">The checkpoint that the run continues; null for a fresh run.</param>
public sealed record TrainingBegin(TrainingStage Stage, int FirstEpoch, int Epochs, int StepsPerEpoch, int TrainingImages, int ValidationImages, string? ResumedFrom);

/// <summary>An epoch begins.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="LearningRate">The rate of its first step.</param>
public sealed record EpochBegin(TrainingStage Stage, int Epoch, int Epochs, double LearningRate);

/// <summary>A step has ended.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Step">The step in the epoch, from 1.</param>
/// <param name="StepsPerEpoch">Steps of one epoch.</param>
/// <param name="GlobalStep">Steps since the start of training.</param>
/// <param name="Loss">The step's loss.</param>
/// <param name="SmoothedLoss">The loss averaged over some fifty steps.</param>
/// <param name="LearningRate">The step's rate.</param>
/// <param name="SamplesPerSecond">Images per second in this epoch, waiting included.</param>
/// <param name="WaitShare">The share of this epoch's time in which the trainer waited for data, 0..1.</param>
/// <param name="TimeLeft">An estimate for the whole run, validations included.</param>
public sealed record StepReport(
    int Epoch, int Step, int StepsPerEpoch, long GlobalStep, double Loss, double SmoothedLoss, double LearningRate, double SamplesPerSecond, double WaitShare, TimeSpan TimeLeft);

/// <summary>A validation has ended.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Epoch">The epoch, from 0; <see cref="StartEpoch"/> for the calibrated network that QAT starts from.</param>
/// <param name="Metrics">What it gave.</param>
/// <param name="IsBest">Better than every one before.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record ValidationReport(TrainingStage Stage, int Epoch, MetricTable Metrics, bool IsBest, double Seconds)
{
    /// <summary>Stands for the epoch of a validation before the first one.</summary>
    public const int StartEpoch = -1;
}

/// <summary>Weight scales were made coarser after a QAT epoch, so that every accumulator stays exact.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Channels">Node and output channel of each such scale.</param>
public sealed record RepairReport(int Epoch, ImmutableArray<(string Node, int Channel)> Channels);

/// <summary>A checkpoint was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="State">Where training stood.</param>
public sealed record CheckpointReport(string Path, CheckpointState State);

/// <summary>An epoch has ended and its checkpoints are on the disk.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="LearningRate">The rate of its last step.</param>
/// <param name="Loss">Mean loss over its images.</param>
/// <param name="Training">The training images scored at the finest stride against the shrunken label; null where that is switched off.</param>
/// <param name="Validation">The validation; null where the epoch was not validated.</param>
/// <param name="Seconds">Its time, validation included.</param>
/// <param name="WaitShare">The share of its training time in which the trainer waited for data.</param>
/// <param name="DataWait">The loader's own words on that: the bottleneck; null where the source does not measure it.</param>
public sealed record EpochReport(
    TrainingStage Stage, int Epoch, int Epochs, double LearningRate, double Loss, MetricTable? Training, MetricTable? Validation, double Seconds, double WaitShare, string? DataWait)
{
    /// <summary>The setting that would make it wait less; null where it did not wait.</summary>
    public string? DataAdvice { get; init; }
}

/// <summary>What a run gave.</summary>
/// <param name="IsInterrupted">It was cancelled; the last checkpoint is that of the last finished epoch.</param>
/// <param name="FirstEpoch">The first epoch that it trained, from 0.</param>
/// <param name="FinishedEpochs">Epochs finished in all, those before a resume included.</param>
/// <param name="BestMetric">The best validation mIoU, 0..1; NaN when there was none.</param>
/// <param name="BestPath">The best checkpoint's file.</param>
/// <param name="LastPath">The last checkpoint's file.</param>
public sealed record TrainingResult(bool IsInterrupted, int FirstEpoch, int FinishedEpochs, double BestMetric, string BestPath, string LastPath)
{
    /// <summary>Steps that an interrupted run had taken in the epoch after the finished ones.</summary>
    public int UnfinishedSteps { get; init; }
}
