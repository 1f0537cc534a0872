using System.Diagnostics;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>Writes the checkpoints of a run. Killed between any two files, a run goes on from the last one and writes the others again.</summary>
/// <param name="options">The run's settings.</param>
/// <param name="fingerprint"><see cref="NetworkFingerprint"/> of the training graph.</param>
/// <param name="batchCount">Batches of an epoch.</param>
/// <param name="written">Told of each file.</param>
internal sealed class RunCheckpoints(TrainerOptions options, string fingerprint, int batchCount, Action<CheckpointReport> written)
{
    private readonly CheckpointStore _store = new(options.Folder, options.Stage);
    private long _lastAt = Stopwatch.GetTimestamp();

    /// <summary>Whether so much time has passed since the last checkpoint that another one is due.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(_lastAt) >= options.CheckpointInterval;

    /// <summary>The network that QAT starts from as a checkpoint of QAT: what is deployed where no epoch beats it.</summary>
    /// <param name="metric">Its validation mIoU.</param>
    public Checkpoint Calibrated(double metric) => new(new CheckpointState(options.Stage, 0, 0, metric, metric), options.Run, options.Start, fingerprint, new Dictionary<string, float[]>());

    /// <summary>Writes what a finished epoch leaves: the best where it is, its own where each is kept, then the last.</summary>
    /// <param name="run">The run.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="metric">Its validation mIoU, NaN where it was not validated.</param>
    /// <param name="isBest">Whether none was better.</param>
    public void Write(TrainingState run, ParameterSet parameters, int epoch, double metric, bool isBest)
    {
        Checkpoint checkpoint = Of(run, parameters, new CheckpointState(options.Stage, epoch, run.Steps, metric, run.Best));
        if (epoch == 0 && run.IsReplacing)
        {
            _store.RemoveLast(); // that of an earlier training, which must not continue the best of this one
        }

        if ((isBest ? checkpoint : run.Calibrated) is { } best)
        {
            _store.WriteBest(best);
            written(new CheckpointReport(_store.BestPath, best.State));
        }

        run.Calibrated = null;
        if (options.KeepEveryEpoch)
        {
            _store.WriteEpoch(checkpoint);
            written(new CheckpointReport(_store.EpochPath(epoch), checkpoint.State));
        }

        WriteLast(checkpoint);
    }

    /// <summary>Writes the last checkpoint within an epoch. In its first epoch a run that replaces another one leaves that one's checkpoints whole and writes none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="epoch">The epoch that runs.</param>
    /// <returns>Whether it was written.</returns>
    public bool WriteUnfinished(TrainingState run, int epoch)
    {
        if (run.Batches == 0 || (run.IsReplacing && epoch == 0))
        {
            return false;
        }

        var progress = new EpochProgress(run.Batches, batchCount, run.Meter.EpochImages, run.Meter.EpochLossSum, run.EpochSeconds, run.Matrix?.ReadState() ?? []);
        WriteLast(Of(run, run.Step.Module.ToParameterSet(), new CheckpointState(options.Stage, epoch - 1, run.Steps, double.NaN, run.Best) { Progress = progress }));
        return true;
    }

    private Checkpoint Of(TrainingState run, ParameterSet parameters, CheckpointState state) =>
        new(state, options.Run, new Network(run.Step.Module.Graph, parameters), fingerprint, run.Step.ReadState());

    private void WriteLast(Checkpoint checkpoint)
    {
        _store.WriteLast(checkpoint);
        _lastAt = Stopwatch.GetTimestamp();
        written(new CheckpointReport(_store.LastPath, checkpoint.State));
    }
}
