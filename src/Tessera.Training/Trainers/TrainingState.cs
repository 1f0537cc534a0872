using System.Diagnostics;

namespace Tessera.Training;

/// <summary>What a run holds while it trains: its parts, where it stands, and what the epoch that runs has gathered.</summary>
internal sealed class TrainingState(TrainingStep step, TorchPredictor predictor, TrainingHistory history, ProgressMeter meter)
{
    private long _epochStart;
    private double _earlierSeconds;

    public TrainingStep Step => step;

    public TorchPredictor Predictor => predictor;

    public TrainingHistory History => history;

    public ProgressMeter Meter => meter;

    public long Steps { get; set; }

    public double Best { get; set; }

    /// <summary>Steps of the epoch that runs; 0 between epochs.</summary>
    public int Batches { get; set; }

    /// <summary>What an earlier run had done of the first epoch of this one.</summary>
    public EpochProgress? Earlier { get; set; }

    /// <summary>The score over the training images of the epoch that runs.</summary>
    public ConfusionMatrix? Matrix { get; set; }

    /// <summary>Whether the folder holds the last checkpoint of a training that this one replaces.</summary>
    public bool IsReplacing { get; init; }

    /// <summary>Time that the epoch has taken, that of an earlier run included.</summary>
    public double EpochSeconds => _earlierSeconds + Stopwatch.GetElapsedTime(_epochStart).TotalSeconds;

    /// <summary>What QAT started from, until the first epoch's checkpoints are written.</summary>
    public Checkpoint? Calibrated { get; set; }

    public void BeginEpoch() => (_epochStart, _earlierSeconds) = (Stopwatch.GetTimestamp(), Earlier?.Seconds ?? 0);

    public bool IsBetter(MetricTable table) => double.IsNaN(Best) || table.MeanIoU > Best;
}
