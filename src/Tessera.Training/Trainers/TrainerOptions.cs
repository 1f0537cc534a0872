using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>Settings of a training run.</summary>
public sealed record TrainerOptions
{
    /// <summary>Float or QAT.</summary>
    public required TrainingStage Stage { get; init; }

    /// <summary>The float training graph of the configuration; it identifies the network in every stage.</summary>
    public required Graph TrainingGraph { get; init; }

    /// <summary>
    /// The network to start from: <see cref="TrainingGraph"/> with parameters (float), or the annotated network of the calibration checkpoint (QAT).
    /// A resumed run takes its own last checkpoint instead.
    /// </summary>
    public required Network Start { get; init; }

    /// <summary>Epochs of the whole run, at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>The learning rate.</summary>
    public required ILearningRateSchedule Schedule { get; init; }

    /// <summary>The run's folder: checkpoints and history.jsonl.</summary>
    public required string Folder { get; init; }

    /// <summary>What checkpoints say about the run; its class names are those of the metric tables.</summary>
    public required RunInfo Run { get; init; }

    /// <summary>The loss.</summary>
    public SegmentationLossOptions Loss { get; init; } = new FocalLossOptions();

    /// <summary>The optimizer.</summary>
    public OptimizerOptions Optimizer { get; init; } = new SgdOptions();

    /// <summary>What QAT does with scales and biases; nothing else reads it.</summary>
    public QatOptions Qat { get; init; } = new();

    /// <summary>Continue from the stage's last checkpoint where there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Write the last checkpoint within an epoch too, when so much time has passed since the one before. It changes no result.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.MaxValue;

    /// <summary>Keep a checkpoint of every epoch besides best and last.</summary>
    public bool KeepEveryEpoch { get; init; }

    /// <summary>Validate after every so many epochs, and after the last.</summary>
    public int ValidationInterval { get; init; } = 1;

    /// <summary>The size at which validation compares; HAT's is the input's.</summary>
    public EvalSize ValidationSize { get; init; } = EvalSize.Input;

    /// <summary>Score the training images as well, at the finest stride.</summary>
    public bool ScoreTraining { get; init; } = true;
}
