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
    private readonly string _fingerprint;

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
        _fingerprint = NetworkFingerprint.Of(options.TrainingGraph);
    }

    /// <summary>Trains to the last epoch, or until cancelled: then it stops after the present step and the last epoch's checkpoint stays.</summary>
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
        RequireLowerable(predictor.Graph, start.Parameters);
        using var step = new TrainingStep(module, _options);
        step.LoadState(resumed?.OptimizerState ?? new Dictionary<string, float[]>(), resumed?.State.Step ?? 0);
        int first = resumed is null ? 0 : resumed.State.Epoch + 1;
        TrainingHistory history = TrainingHistory.Open(_options.Folder);
        history.Forget(_options.Stage, first);
        var meter = new ProgressMeter(_options.Epochs, _training.BatchCount, _options.ValidationInterval);
        var run = new State(step, predictor, history, meter) { Steps = resumed?.State.Step ?? 0, Best = resumed?.State.BestMetric ?? double.NaN };

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
            return Result(isInterrupted: true);
        }

        return Result(isInterrupted: false);

        TrainingResult Result(bool isInterrupted) => new(isInterrupted, first, epoch, run.Best, _store.BestPath, _store.LastPath);
    }

    // The calibrated network is the first candidate for the best: a QAT that makes it worse must not be what is deployed.
    private void ScoreStart(State run, CancellationToken cancellation)
    {
        MetricTable table = Validate(run, ValidationReport.StartEpoch, cancellation);
        run.Best = table.MeanIoU;
        run.Calibrated = new Checkpoint(
            new CheckpointState(_options.Stage, 0, 0, table.MeanIoU, table.MeanIoU), _options.Run, _options.Start, _fingerprint, new Dictionary<string, float[]>());
    }

    private void RunEpoch(State run, int epoch, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        Tell(callback => callback.EpochBegins(new EpochBegin(_options.Stage, epoch, _options.Epochs, _options.Schedule.RateAt(Moment(epoch, run)))));
        ConfusionMatrix? matrix = _options.ScoreTraining ? new ConfusionMatrix(_options.Run.Classes.Length) : null;
        double rate = TrainEpoch(run, epoch, matrix, cancellation);
        ParameterSet parameters = Trained(run, epoch);
        MetricTable? training = matrix?.ToTable(_options.Run.Classes);
        bool isValidated = (epoch + 1) % _options.ValidationInterval == 0 || epoch == _options.Epochs - 1;
        MetricTable? validation = isValidated ? Validate(run, epoch, cancellation) : null;
        bool isBest = validation is not null && run.IsBetter(validation);
        run.Best = isBest ? validation!.MeanIoU : run.Best;

        // History, then best, then last: a run that is killed in between repeats this epoch on resume and writes all of them again.
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
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
        WriteCheckpoints(run, parameters, epoch, validation?.MeanIoU ?? double.NaN, isBest);
        Tell(callback => callback.EpochEnds(new EpochReport(
            _options.Stage, epoch, _options.Epochs, rate, run.Meter.EpochLoss, training, validation, seconds, run.Meter.WaitShare, _training.DataWait)
        {
            DataAdvice = _training.DataAdvice,
        }));
    }

    private TrainingMoment Moment(int epoch, State run) => new(epoch, run.Steps, _options.Epochs, _training.BatchCount);

    private double TrainEpoch(State run, int epoch, ConfusionMatrix? matrix, CancellationToken cancellation)
    {
        int step = 0;
        double rate = 0;
        run.Step.Module.train();
        run.Meter.BeginEpoch();
        foreach (SegmentationBatch batch in _training.Epoch(epoch, cancellation))
        {
            using (batch)
            {
                run.Meter.BatchArrived();
                rate = _options.Schedule.RateAt(Moment(epoch, run));
                double loss = run.Step.Run(batch, rate, matrix, $"epoch {epoch + 1}, step {++step} of {_training.BatchCount}");
                StepReport report = run.Meter.StepEnded(epoch, step, ++run.Steps, batch.Count, loss, rate);
                Tell(callback => callback.StepEnds(report));
            }

            cancellation.ThrowIfCancellationRequested();
        }

        return step > 0 ? rate : throw new WorkException("The training set gave no batch. Check the data path of the configuration.");
    }

    private MetricTable Validate(State run, int epoch, CancellationToken cancellation)
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
    private ParameterSet Trained(State run, int epoch)
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

    private void RepairScales(State run, ParameterSet parameters, int epoch)
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

    private void WriteCheckpoints(State run, ParameterSet parameters, int epoch, double metric, bool isBest)
    {
        var state = new CheckpointState(_options.Stage, epoch, run.Steps, metric, run.Best);
        var checkpoint = new Checkpoint(
            state, _options.Run, new Network(run.Step.Module.Graph, parameters), _fingerprint, run.Step.ReadState());
        if (epoch == 0)
        {
            _store.RemoveLast(); // that of an earlier training, which must not continue the best of this one
        }

        if ((isBest ? checkpoint : run.Calibrated) is { } best)
        {
            _store.WriteBest(best);
            Tell(callback => callback.CheckpointWritten(new CheckpointReport(_store.BestPath, best.State)));
        }

        run.Calibrated = null;

        if (_options.KeepEveryEpoch)
        {
            _store.WriteEpoch(checkpoint);
            Tell(callback => callback.CheckpointWritten(new CheckpointReport(_store.EpochPath(epoch), state)));
        }

        _store.WriteLast(checkpoint);
        Tell(callback => callback.CheckpointWritten(new CheckpointReport(_store.LastPath, state)));
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

    private sealed class State(TrainingStep step, TorchPredictor predictor, TrainingHistory history, ProgressMeter meter)
    {
        public TrainingStep Step => step;

        public TorchPredictor Predictor => predictor;

        public TrainingHistory History => history;

        public ProgressMeter Meter => meter;

        public long Steps { get; set; }

        public double Best { get; set; }

        /// <summary>What QAT started from, until the first epoch's checkpoints are written.</summary>
        public Checkpoint? Calibrated { get; set; }

        public bool IsBetter(MetricTable table) => double.IsNaN(Best) || table.MeanIoU > Best;
    }
}
