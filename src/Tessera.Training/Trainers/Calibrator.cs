using System.Diagnostics;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Quantization;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// The calibration stage: folds and fuses the float network, watches its activations over training images without augmentation,
/// and validates the annotated network with the integer arithmetic.
/// </summary>
public sealed class Calibrator
{
    private const int SaturationImages = 8;

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
    /// <exception cref="BadFileException">Data cannot be read or the checkpoint cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was written.</exception>
    public CalibrationResult Run(CancellationToken cancellation = default)
    {
        TorchSetup.Initialize();
        long start = Stopwatch.GetTimestamp();
        Network prepared = QuantizationPreparation.Prepare(_options.FloatNetwork);
        var session = new CalibrationSession(prepared.Graph, _options.Calibration);
        (int observed, int plain) = Observe(prepared, session, cancellation);
        Network annotated = Annotate(prepared, session, observed, plain);
        MetricTable metrics = Validate(annotated, cancellation);
        Dictionary<string, double> saturated = SaturationCount.Shares(annotated, _validation, SaturationImages, cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new CalibrationResult(metrics, Summarize(annotated.Graph, saturated), observed, seconds, Write(annotated, metrics, seconds));
    }

    private static Network Annotate(Network prepared, CalibrationSession session, int observed, int plain)
    {
        try
        {
            var annotated = new Network(session.Finish(prepared.Parameters).Annotate(prepared.Graph), prepared.Parameters);
            Lowering.Require(annotated);
            return annotated;
        }
        catch (WorkException fault)
        {
            string images = plain == 0
                ? "Calibrate with images like those that the network was trained on, or train in float longer or with a smaller float_trainer.optimizer.lr."
                : $"{plain} of the {observed} calibration images show a single colour, from which no range can be learned: look at the images of data_loader.dataset.data_path.";
            throw new WorkException($"The scales found on {observed} calibration images cannot be used. {fault.Message} {images}", fault);
        }
    }

    private (int Images, int Plain) Observe(Network prepared, CalibrationSession session, CancellationToken cancellation)
    {
        using var module = new GraphModule(prepared.Graph, prepared.Parameters);
        module.eval();
        using var taps = new ActivationTaps(session);
        using var noGradient = no_grad();
        long start = Stopwatch.GetTimestamp();
        int images = 0, plain = 0;
        for (int epoch = 0; images < _options.Images; epoch++)
        {
            int before = images;
            foreach (SegmentationBatch batch in _images.Epoch(epoch, cancellation))
            {
                using (batch)
                using (NewDisposeScope())
                {
                    module.ForwardTapped(BatchTensors.Images(batch.Images, batch.Count, batch.Height, batch.Width), taps.Take);
                    taps.Flush();
                    images += batch.Count;
                    plain += PlainImages(batch);
                }

                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                _callback?.ObservationAdvances(new EvaluationProgress(
                    images, _options.Images, images / seconds, TimeSpan.FromSeconds(seconds / images * Math.Max(0, _options.Images - images))));
                cancellation.ThrowIfCancellationRequested();
                if (images >= _options.Images)
                {
                    break;
                }
            }

            if (images == before)
            {
                throw new WorkException("The calibration set gave no image. Check the data path of the configuration.");
            }
        }

        return (images, plain);
    }

    private static int PlainImages(SegmentationBatch batch)
    {
        int length = batch.Images.Length / batch.Count;
        return Enumerable.Range(0, batch.Count).Count(image =>
        {
            // All pixels are equal where each value equals the one of the pixel before.
            ReadOnlySpan<sbyte> values = batch.Images.AsSpan(image * length, length);
            return values[3..].SequenceEqual(values[..^3]);
        });
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

    private static List<ScaleSummary> Summarize(Graph annotated, Dictionary<string, double> saturated) =>
    [
        .. annotated.Nodes.Where(node => node.Op is Conv2d).Select(node => new ScaleSummary(
            node.Name, node.Output.Quant!.Scale, saturated[node.Name], node.WeightQuant!.Scales.Min(), node.WeightQuant.Scales.Max())),
    ];

    private sealed class Relay(ICalibrationCallback callback) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => callback.ValidationAdvances(value);
    }
}
