using System.Collections.Immutable;
using System.Diagnostics;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.Quantization.Rescue;

namespace Tessera.Training;

/// <summary>
/// The calibration stage: folds and fuses the float network, watches its activations over training images without augmentation,
/// and validates the annotated network with the integer arithmetic.
/// </summary>
public sealed class Calibrator
{
    private const int SaturationImages = 8;
    private const int EqualizationImages = 64; // the widest values of so many tell channels apart

    private readonly CalibratorOptions _options;
    private readonly IBatchSource _images;
    private readonly IBatchSource _validation;
    private readonly ICalibrationCallback? _callback;

    /// <summary>Creates a calibrator; nothing is read or written before <see cref="Run"/>.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="images">Training images, shuffled, prepared as for validation.</param>
    /// <param name="validation">Validation images.</param>
    /// <param name="callback">Told of the progress; null for nobody.</param>
    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public Calibrator(CalibratorOptions options, IBatchSource images, IBatchSource validation, ICalibrationCallback? callback = null)
    {
        if (options.Images < 1)
        {
            throw new UsageException($"The number of calibration images is {options.Images}; it must be at least 1.");
        }

        (_options, _images, _validation, _callback) = (options, images, validation, callback);
    }

    /// <summary>Calibrates and writes the checkpoint.</summary>
    /// <exception cref="WorkException">An activation is NaN or infinite, or a node cannot be quantized with the scales found; the message names the node.</exception>
    /// <exception cref="BadFileException">Data cannot be read, the images are unfit to calibrate with, or the checkpoint cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was written.</exception>
    public CalibrationResult Run(CancellationToken cancellation = default)
    {
        TorchSetup.Initialize();
        long start = Stopwatch.GetTimestamp();
        Network prepared = QuantizationPreparation.Prepare(_options.FloatNetwork);
        ImmutableArray<string> problems = Judged(_options.KnownProblems);
        int forNorms = ImagesForNorms();
        bool hasSharedScales = _options.Calibration.WeightGranularity == WeightGranularity.PerTensor;
        int forRanges = _options.Calibration.Equalize && !hasSharedScales ? Math.Min(_options.Images, EqualizationImages) : 0;
        var pass = new ObservationPass(_images, forNorms + _options.Images + forRanges, _callback);
        ImmutableArray<BatchNormReport> norms = [];
        if (forNorms > 0)
        {
            using var norm = new BatchNormAudit(_options.FloatNetwork);
            pass.Show(forNorms, (_, values) => norm.Add(values), cancellation);
            norms = norm.Reports();
            prepared = _options.ReestimateBatchNorm ? QuantizationPreparation.Prepare(norm.Reestimated()) : prepared;
        }

        if (forRanges > 0)
        {
            var ranges = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.Widest });
            pass.Run(prepared, ranges, forRanges, null, cancellation);
            prepared = Equalization.Run(prepared, ranges.LargestOf, _options.Calibration.IsScaleGiven);
        }
        else if (_options.Calibration.Equalize)
        {
            prepared = Equalization.RunForSharedScales(prepared, _options.Calibration.IsScaleGiven);
        }

        var session = new CalibrationSession(prepared.Graph, _options.Calibration);
        var audit = new CalibrationSetAudit();
        using (StemAudit? stem = StemAudit.Of(_options.FloatNetwork, _options.TrainingSteps))
        {
            pass.Run(
                prepared,
                session,
                _options.Images,
                (batch, values) =>
                {
                    audit.Add(batch);
                    stem?.Add(values);
                },
                cancellation);
            problems = Judged([.. problems, .. audit.OfImages(_images.SampleCount), .. stem?.Problem() is { } problem ? [problem] : Array.Empty<string>()]);
        }

        Network annotated = Annotate(prepared, session, audit);
        MetricTable metrics = Validate(annotated, cancellation);
        problems = Judged([.. problems, .. audit.OfClasses(metrics, _images.SampleCount)]);
        Dictionary<string, double> saturated = SaturationCount.Shares(annotated, _validation, SaturationImages, cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new CalibrationResult(metrics, Summarize(annotated.Graph, saturated, session.Report(annotated)), audit.Images, seconds, Write(annotated, metrics, seconds), problems)
        {
            BatchNorms = norms,
            IsBatchNormReestimated = _options.ReestimateBatchNorm,
        };
    }

    /// <summary>How many images the audit of batch norms takes.</summary>
    /// <exception cref="UsageException">Statistics are to be estimated anew, and a batch has a single value per channel.</exception>
    private int ImagesForNorms()
    {
        if (_options.ReestimateBatchNorm)
        {
            TensorShape image = _options.FloatNetwork.Graph.Input.Output.Shape;
            BatchStatistics.Require(_options.FloatNetwork.Graph, _images.SmallestBatch, image.H, image.W);
        }

        return BatchNormAudit.CanLookAt(_options.FloatNetwork, _images) ? Math.Min(_options.Images, BatchNormAudit.Images) : 0;
    }

    private ImmutableArray<string> Judged(ImmutableArray<string> problems) => problems.IsEmpty || _options.AllowInadequateSet
        ? problems
        : throw new BadFileException($"The calibration set is inadequate. {string.Join(" ", problems)} To calibrate with it all the same, say --set calibration_trainer.inadequate_set=warn.");

    private Network Annotate(Network prepared, CalibrationSession session, CalibrationSetAudit audit)
    {
        try
        {
            var annotated = new Network(session.Finish(prepared.Parameters).Annotate(prepared.Graph), prepared.Parameters);
            annotated = _options.Calibration.AdaptRounding ? AdaptiveRounding.Run(annotated, session) : annotated;
            annotated = _options.Calibration.CorrectBias ? Corrected(annotated, session) : annotated;
            Lowering.Require(annotated);
            return annotated;
        }
        catch (WorkException fault)
        {
            string images = audit.PlainNote ?? "Calibrate with images like those that the network was trained on, or train in float longer or with a smaller float_trainer.optimizer.lr.";
            throw new WorkException($"The scales found on {audit.Images} calibration images cannot be used. {fault.Message} {images}", fault);
        }
    }

    /// <summary>
    /// The network with corrected biases, and weight scales that hold them: a channel whose bias has grown may need a coarser one. Its weights are then rounded anew, so that the
    /// correction is computed once more.
    /// </summary>
    private Network Corrected(Network annotated, CalibrationSession session)
    {
        Network rescaled = annotated with { Graph = Held(BiasCorrection.Run(annotated, session.MeanOf)) };
        Network corrected = BiasCorrection.Run(rescaled, session.MeanOf);
        return corrected with { Graph = Held(corrected) };

        Graph Held(Network network) => new MovableScales(network.Graph, _options.Calibration).Moved(network, new Dictionary<string, float>(), new Dictionary<string, float[]>());
    }

    private MetricTable Validate(Network annotated, CancellationToken cancellation)
    {
        using var predictor = new TorchPredictor(annotated);
        return Evaluation.Run(predictor, _validation, _options.Run.Classes, _options.ValidationSize, _callback is null ? null : new Relay(_callback), cancellation);
    }

    private string Write(Network annotated, MetricTable metrics, double seconds)
    {
        TrainingHistory history = TrainingHistory.Open(_options.Folder);
        history.Forget(TrainingStage.Calibration, 0);
        history.Add(new HistoryEntry(
            TrainingStages.NameOf(TrainingStage.Calibration),
            0,
            null,
            null,
            TrainingHistory.Number(metrics.MeanIoU),
            TrainingHistory.Number(metrics.MeanAccuracy),
            TrainingHistory.Number(metrics.PixelAccuracy),
            null,
            seconds));
        var store = new CheckpointStore(_options.Folder, TrainingStage.Calibration);
        store.WriteBest(new Checkpoint(
            new CheckpointState(TrainingStage.Calibration, 0, 0, metrics.MeanIoU, metrics.MeanIoU),
            _options.Run,
            annotated,
            NetworkFingerprint.Of(_options.TrainingGraph),
            new Dictionary<string, float[]>()));
        return store.BestPath;
    }

    private static List<ScaleSummary> Summarize(Graph annotated, Dictionary<string, double> saturated, ImmutableArray<NodeReport> reports) =>
    [
        .. reports.Select(report => new ScaleSummary(
            report.Node, report.Scale, saturated[report.Node], annotated[report.Node].WeightQuant!.Scales.Min(), annotated[report.Node].WeightQuant!.Scales.Max(), report)),
    ];

    private sealed class Relay(ICalibrationCallback callback) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => callback.ValidationAdvances(value);
    }
}
