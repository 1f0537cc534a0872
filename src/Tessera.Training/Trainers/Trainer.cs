using System.Collections.Immutable;
using System.Diagnostics;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training;

/// <summary>
/// Trains a network, float or QAT: the loop is the same, the graph, the start and the rate differ. After every epoch it validates with the
/// deploy graph on the weights in training and writes history and checkpoints.
/// </summary>
public sealed class Trainer
{
    private readonly TrainerOptions _options;
    private readonly IBatchSource _training;
    private readonly IBatchSource _validation;
    private readonly ITrainingCallback[] _callbacks;
    private readonly CheckpointStore _store;
    private readonly RunCheckpoints _checkpoints;

    /// <summary>Creates a trainer; nothing is read or written before <see cref="Run"/>.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="training">Batches with labels for every stride of the network.</param>
    /// <param name="validation">Batches without augmentation.</param>
    /// <param name="callbacks">Told of the progress, in order.</param>
    /// <exception cref="UsageException">A setting is out of its range, or a batch norm would be trained on one value per channel.</exception>
    /// <exception cref="ArgumentException">The start network is not of the stage.</exception>
    public Trainer(TrainerOptions options, IBatchSource training, IBatchSource validation, params ITrainingCallback[] callbacks)
    {
        if (options.Epochs < 1)
        {
            throw new UsageException($"num_epochs is {options.Epochs}; it must be at least 1.");
        }

        if (options.ValidationInterval < 1)
        {
            throw new UsageException($"The validation interval is {options.ValidationInterval}; it must be at least 1 epoch.");
        }

        options.Qat.Require();
        bool isAnnotated = options.Start.Graph.Input.Output.Quant is not null;
        if (options.Stage == TrainingStage.Calibration || isAnnotated != (options.Stage == TrainingStage.Qat))
        {
            throw new ArgumentException($"Stage {options.Stage} cannot train {(isAnnotated ? "an annotated" : "a float")} network.", nameof(options));
        }

        TensorShape image = options.Start.Graph.Input.Output.Shape;
        BatchStatistics.Require(options.Start.Graph, training.SmallestBatch, image.H, image.W);
        _options = options;
        _training = training;
        _validation = validation;
        _callbacks = callbacks;
        _store = new CheckpointStore(options.Folder, options.Stage);
        _checkpoints = new RunCheckpoints(options, NetworkFingerprint.Of(options.TrainingGraph), training.BatchCount, report => Tell(callback => callback.CheckpointWritten(report)));
    }

    /// <summary>Trains to the last epoch, or until cancelled: then it stops after the present step and writes a checkpoint from which a resumed run ends with the same bytes.</summary>
    /// <exception cref="WorkException">
    /// Training diverged: the loss, a gradient, a weight or a running statistic became NaN or infinite, or a QAT network can no longer be lowered. Or libtorch cannot be loaded.
    /// </exception>
    /// <exception cref="BadFileException">Data cannot be read, a checkpoint cannot be written, or the one to resume is of another network.</exception>
    public TrainingResult Run(CancellationToken cancellation = default)
    {
        TorchSetup.Initialize();
        Checkpoint? resumed = _options.Resume && File.Exists(_store.LastPath) ? _store.ReadLast(_options.TrainingGraph) : null;
        Network start = resumed?.Network ?? _options.Start;
        using var module = new GraphModule(start.Graph, start.Parameters);
        using var predictor = new TorchPredictor(module);
        EpochProgress? progress = Progress(resumed);
        if (progress is null)
        {
            RequireLowerable(predictor.Graph, start.Parameters); // within an epoch it may wait for the repair at its end
        }

        using var step = new TrainingStep(module, _options);
        step.LoadState(resumed?.OptimizerState ?? new Dictionary<string, float[]>(), resumed?.State.Step ?? 0);
        int first = resumed is null ? 0 : resumed.State.Epoch + 1;
        TrainingHistory history = TrainingHistory.Open(_options.Folder);
        history.Forget(_options.Stage, first);
        var meter = new ProgressMeter(_options.Epochs, _training.BatchCount, _options.ValidationInterval);
        var run = new TrainingState(step, predictor, history, meter)
        {
            Steps = resumed?.State.Step ?? 0,
            Best = resumed?.State.BestMetric ?? double.NaN,
            Earlier = progress,
            Calibrated = progress is not null && first == 0 && _options.Stage == TrainingStage.Qat ? _checkpoints.Calibrated(resumed!.State.BestMetric) : null,
            IsReplacing = resumed is null && File.Exists(_store.LastPath),
        };

        Tell(callback => callback.TrainingBegins(new TrainingBegin(
            _options.Stage, first, _options.Epochs, _training.BatchCount, _training.SampleCount, _validation.SampleCount, resumed is null ? null : _store.LastPath)));
        int epoch = first;
        try
        {
            if (resumed is null && _options.Stage == TrainingStage.Qat)
            {
                ScoreStart(run, cancellation);
            }

            for (; epoch < _options.Epochs; epoch++)
            {
                RunEpoch(run, epoch, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Result(isInterrupted: true) with { UnfinishedSteps = _checkpoints.WriteUnfinished(run, epoch) ? run.Batches : 0 };
        }

        return Result(isInterrupted: false);

        TrainingResult Result(bool isInterrupted) => new(isInterrupted, first, epoch, run.Best, _store.BestPath, _store.LastPath);
    }

    // The calibrated network is the first candidate for the best: a QAT that makes it worse must not be what is deployed.
    private void ScoreStart(TrainingState run, CancellationToken cancellation)
    {
        MetricTable table = Validate(run, ValidationReport.StartEpoch, cancellation);
        run.Best = table.MeanIoU;
        run.Calibrated = _checkpoints.Calibrated(table.MeanIoU);
    }

    /// <summary>How far the epoch had come in which the resumed run was stopped; null at the end of one.</summary>
    private EpochProgress? Progress(Checkpoint? resumed) => resumed?.State.Progress is not { } progress ? null
        : progress.BatchCount == _training.BatchCount && progress.Confusion.Length == (_options.ScoreTraining ? new ConfusionMatrix(_options.Run.Classes.Length).ReadState().Length : 0) ? progress
        : throw new UsageException($"{_store.LastPath} was written after {progress.Batches} of {progress.BatchCount} steps of an epoch, which now has {_training.BatchCount}. Give the data, batch size and classes of then, or start afresh.");

    private void RunEpoch(TrainingState run, int epoch, CancellationToken cancellation)
    {
        run.BeginEpoch();
        Tell(callback => callback.EpochBegins(new EpochBegin(_options.Stage, epoch, _options.Epochs, _options.Schedule.RateAt(Moment(epoch, run)))));
        run.Matrix = _options.ScoreTraining ? new ConfusionMatrix(_options.Run.Classes.Length) : null;
        double rate = TrainEpoch(run, epoch, cancellation);
        ParameterSet parameters = Trained(run, epoch);
        MetricTable? training = run.Matrix?.ToTable(_options.Run.Classes);
        bool isValidated = (epoch + 1) % _options.ValidationInterval == 0 || epoch == _options.Epochs - 1;
        MetricTable? validation = isValidated ? Validate(run, epoch, cancellation) : null;
        bool isBest = validation is not null && run.IsBetter(validation);
        run.Best = isBest ? validation!.MeanIoU : run.Best;

        // History, then best, then last: a run that is killed in between repeats this epoch on resume and writes all of them again.
        double seconds = run.EpochSeconds;
        run.History.Add(new HistoryEntry(
            TrainingStages.NameOf(_options.Stage),
            epoch,
            rate,
            run.Meter.EpochLoss,
            TrainingHistory.Number(validation?.MeanIoU),
            TrainingHistory.Number(validation?.MeanAccuracy),
            TrainingHistory.Number(validation?.PixelAccuracy),
            TrainingHistory.Number(training?.MeanIoU),
            seconds));
        _checkpoints.Write(run, parameters, epoch, validation?.MeanIoU ?? double.NaN, isBest);
        run.Batches = 0;
        Tell(callback => callback.EpochEnds(new EpochReport(
            _options.Stage, epoch, _options.Epochs, rate, run.Meter.EpochLoss, training, validation, seconds, run.Meter.WaitShare, _training.DataWait)
        {
            DataAdvice = _training.DataAdvice,
        }));
    }

    private TrainingMoment Moment(int epoch, TrainingState run) => new(epoch, run.Steps, _options.Epochs, _training.BatchCount);

    private double TrainEpoch(TrainingState run, int epoch, CancellationToken cancellation)
    {
        run.Step.Module.train();
        run.Meter.BeginEpoch(run.Earlier);
        run.Batches = run.Earlier?.Batches ?? 0;
        run.Matrix?.LoadState(run.Earlier?.Confusion ?? run.Matrix.ReadState());
        run.Earlier = null;
        foreach (SegmentationBatch batch in _training.Epoch(epoch, run.Batches, cancellation))
        {
            using (batch)
            {
                run.Meter.BatchArrived();
                double rate = _options.Schedule.RateAt(Moment(epoch, run));
                double loss = run.Step.Run(batch, rate, run.Matrix, $"epoch {epoch + 1}, step {run.Batches + 1} of {_training.BatchCount}");
                StepReport report = run.Meter.StepEnded(epoch, ++run.Batches, ++run.Steps, batch.Count, loss, rate);
                Tell(callback => callback.StepEnds(report));
            }

            cancellation.ThrowIfCancellationRequested();
            if (run.Batches < _training.BatchCount && _checkpoints.IsDue)
            {
                _checkpoints.WriteUnfinished(run, epoch);
            }
        }

        return run.Batches > 0 ? _options.Schedule.RateAt(Moment(epoch, run) with { Step = run.Steps - 1 }) : throw new WorkException("The training set gave no batch. Check the data path of the configuration.");
    }

    private MetricTable Validate(TrainingState run, int epoch, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        var progress = new Relay(report => Tell(callback => callback.ValidationAdvances(report)));
        MetricTable table = Evaluation.Run(run.Predictor, _validation, _options.Run.Classes, _options.ValidationSize, progress, cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        run.Meter.ValidationEnded(seconds);
        Tell(callback => callback.ValidationEnds(new ValidationReport(_options.Stage, epoch, table, run.IsBetter(table), seconds)));
        return table;
    }

    // Every epoch's network is looked at before it is validated and written: what no command could use later ends the run here.
    private ParameterSet Trained(TrainingState run, int epoch)
    {
        ParameterSet parameters = run.Step.Module.ToParameterSet();
        if (parameters.FindImpossible(run.Step.Module.Graph) is { } found)
        {
            throw new WorkException($"After epoch {epoch + 1}, {found}: training diverged. Use a smaller optimizer.lr. Checkpoints written before are unchanged.");
        }

        RepairScales(run, parameters, epoch);
        try
        {
            RequireLowerable(run.Predictor.Graph, parameters);
        }
        catch (WorkException fault)
        {
            throw new WorkException($"After epoch {epoch + 1} the network can no longer be lowered to int8. {fault.Message} Checkpoints written before are unchanged.", fault);
        }

        return parameters;
    }

    private void RepairScales(TrainingState run, ParameterSet parameters, int epoch)
    {
        if (_options.Stage != TrainingStage.Qat)
        {
            return;
        }

        (Graph graph, ImmutableArray<(string Node, int Channel)> repaired) = AccumulatorRepair.Run(new Network(run.Step.Module.Graph, parameters));
        if (!repaired.IsEmpty)
        {
            run.Step.Module.Rescale(graph);
            Tell(callback => callback.ScalesRepaired(new RepairReport(epoch, repaired)));
        }

        run.Predictor.Rescale(graph);
    }

    private void RequireLowerable(Graph deploy, ParameterSet parameters)
    {
        if (_options.Stage == TrainingStage.Qat)
        {
            Lowering.Require(new Network(deploy, parameters));
        }
    }

    private void Tell(Action<ITrainingCallback> point)
    {
        foreach (ITrainingCallback callback in _callbacks)
        {
            point(callback);
        }
    }

    private sealed class Relay(Action<EvaluationProgress> report) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => report(value);
    }
}
