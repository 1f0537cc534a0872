using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training.Tests.Trainers;

public sealed class QuantizedStagesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-quantized-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Calibration_and_qat_keep_what_float_training_learned()
    {
        TrainingResult trained = new Trainer(TrainingRun.Options(_folder, 6), new ColourGame(16, 4), TrainerTests.Validation()).Run();
        Network best = new CheckpointStore(_folder, TrainingStage.Float).ReadBest(TrainingRun.Graph).Network;
        var progress = new Observed();

        CalibrationResult calibrated = new Calibrator(
            Options(best) with { Images = 24 }, new ColourGame(4, 4, seed: 5), TrainerTests.Validation(), progress).Run();

        Assert.Equal(24, calibrated.Images);
        Assert.Equal(Enumerable.Range(1, 12).Select(batch => 4 * batch), progress.Images); // batch norms are looked at first
        Assert.Equal(70, calibrated.Scales.Count);
        Assert.All(calibrated.Scales, scale => Assert.True(scale is { Scale: > 0, SmallestWeightScale: > 0, SaturatedShare: >= 0 and <= 1 }, scale.ToString()));

        // Only where there are enough pixels: the map of stride 64 has one per image.
        Assert.InRange(calibrated.Scales.Single(scale => scale.Node == "head.stride4.0").SaturatedShare, 0, 0.05);
        Assert.True(calibrated.Metrics.MeanIoU > trained.BestMetric - 0.1, $"{trained.BestMetric} became {calibrated.Metrics.MeanIoU}");

        Checkpoint calibration = new CheckpointStore(_folder, TrainingStage.Calibration).ReadBest(TrainingRun.Graph);
        Assert.Equal(calibrated.Metrics.MeanIoU, calibration.State.Metric);
        var log = new EventLog();
        TrainerOptions qat = TrainingRun.Options(_folder, 2) with
        {
            Stage = TrainingStage.Qat,
            Start = calibration.Network,
            Schedule = new StepDecaySchedule(2e-4, [1]),
        };
        TrainingResult tuned = new Trainer(qat, new ColourGame(8, 4), TrainerTests.Validation(), log).Run();

        Assert.True(tuned.BestMetric > trained.BestMetric - 0.1, $"{trained.BestMetric} became {tuned.BestMetric}");
        Checkpoint last = new CheckpointStore(_folder, TrainingStage.Qat).ReadLast(TrainingRun.Graph);
        Assert.Equal(GraphText.Print(calibration.Network.Graph), GraphText.Print(last.Network.Graph));
        Assert.NotEqual(calibration.Network.Parameters["head.stride4.0.weight"], last.Network.Parameters["head.stride4.0.weight"]);
        Assert.Equal(["float", "calibration", "qat"], TrainingHistory.Open(_folder).Entries.Select(entry => entry.Stage).Distinct());
    }

    [Fact]
    public void A_resumed_qat_run_ends_with_the_bytes_of_an_uninterrupted_one()
    {
        Network start = Calibrated();
        string whole = Path.Combine(_folder, "whole"), split = Path.Combine(_folder, "split");
        TrainerOptions qat = TrainingRun.Options(whole, 2) with { Stage = TrainingStage.Qat, Start = start, Schedule = new StepDecaySchedule(1e-3, []) };
        new Trainer(qat, new ColourGame(2, 4), TrainerTests.Validation()).Run();
        new Trainer(qat with { Folder = split, Epochs = 1 }, new ColourGame(2, 4), TrainerTests.Validation()).Run();
        TrainingResult resumed = new Trainer(qat with { Folder = split, Resume = true }, new ColourGame(2, 4), TrainerTests.Validation()).Run();

        SafetensorsFile expected = SafetensorsFile.Read(Path.Combine(whole, "qat-checkpoint-last.safetensors")), actual = SafetensorsFile.Read(resumed.LastPath);
        Assert.Empty(expected.Tensors.Zip(actual.Tensors).Where(pair => !pair.First.Data.AsSpan().SequenceEqual(pair.Second.Data)).Select(pair => pair.First.Name));
    }

    [Fact]
    public void Int8_logits_are_those_of_the_class_map()
    {
        Network annotated = Calibrated();
        using var predictor = new TorchPredictor(annotated);
        SegmentationBatch batch = new ColourGame(1, 4, 64, 128).Epoch(0, default).Single();

        ClassMaps maps = predictor.Predict(batch.Images, batch.Count, batch.Height, batch.Width);
        sbyte[] logits = predictor.PredictLogits(batch.Images, batch.Count, batch.Height, batch.Width);

        Assert.Equal((16, 32), (maps.Height, maps.Width));
        Assert.Equal(4 * 16 * 32, maps.Values.Length);
        Assert.Equal(maps.Values.Length * 3, logits.Length);
        Assert.True(logits.Distinct().Count() > 10);
        for (int i = 0; i < maps.Values.Length; i++)
        {
            sbyte[] pixel = logits[(3 * i)..((3 * i) + 3)];
            Assert.Equal(Array.IndexOf(pixel, pixel.Max()), maps.Values[i]);
        }

        // Each image of a batch is computed on its own.
        sbyte[] alone = predictor.PredictLogits(batch.Images[(3 * 64 * 128)..(2 * 3 * 64 * 128)], 1, 64, 128);
        Assert.Equal(logits[(3 * 512)..(2 * 3 * 512)], alone);
    }

    [Fact]
    public void A_float_network_has_no_int8_logits()
    {
        using var predictor = new TorchPredictor(TrainingRun.Options(_folder, 1).Start);
        Assert.Throws<InvalidOperationException>(() => predictor.PredictLogits(new sbyte[64 * 64 * 3], 1, 64, 64));
    }

    [Fact]
    public void A_broken_float_network_is_named_at_its_node_and_nothing_is_written()
    {
        Network broken = TrainingRun.Options(_folder, 1).Start;
        broken.Parameters["backbone.mod2.0.0.0.bias"][0] = float.NaN;

        WorkException fault = Assert.Throws<WorkException>(() => new Calibrator(Options(broken), new ColourGame(1, 4), TrainerTests.Validation()).Run());

        Assert.StartsWith("Node backbone.mod2.0.0.1, channel 0: ", fault.Message); // the batch norm that folding would have put NaN into
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Calibration_on_plain_images_whose_scales_cannot_be_lowered_names_node_and_images()
    {
        Network network = TrainingRun.Options(_folder, 1).Start;
        network.Parameters["backbone.mod2.0.1.0.bias"].AsSpan().Fill(-1e30f); // nothing passes the ReLU: the output has the smallest scale, the bias needs a large one

        WorkException fault = Assert.Throws<WorkException>(() => new Calibrator(Options(network) with { Images = 4, AllowInadequateSet = true }, new Black(), TrainerTests.Validation()).Run());

        Assert.StartsWith("The scales found on 4 calibration images cannot be used. Node backbone.mod2.0.1.0, channel 0: the input's scale ", fault.Message);
        Assert.Contains("4 of the 4 calibration images show a single colour", fault.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Qat_from_a_network_that_cannot_be_lowered_is_refused()
    {
        Network start = Calibrated();
        start.Parameters["backbone.mod2.0.1.0.bias"][3] = 1e9f;
        TrainerOptions qat = TrainingRun.Options(_folder, 1) with { Stage = TrainingStage.Qat, Start = start };

        Assert.StartsWith("Node backbone.mod2.0.1.0, channel 3: ", Assert.Throws<WorkException>(() => new Trainer(qat, new ColourGame(1, 4), TrainerTests.Validation()).Run()).Message);
    }

    [Fact]
    public void A_qat_epoch_that_leaves_the_exact_range_ends_the_run_and_keeps_the_checkpoints_of_before()
    {
        TrainerOptions qat = TrainingRun.Options(_folder, 1) with { Stage = TrainingStage.Qat, Start = Calibrated(), Schedule = new StepDecaySchedule(1e-4, []) };
        new Trainer(qat, new ColourGame(1, 4), TrainerTests.Validation()).Run();
        Dictionary<string, byte[]> before = Directory.GetFiles(_folder, "qat-*").ToDictionary(file => file, File.ReadAllBytes);
        TrainerOptions wild = qat with { Epochs = 2, Resume = true, Schedule = new StepDecaySchedule(1e6, []) };

        WorkException fault = Assert.Throws<WorkException>(() => new Trainer(wild, new ColourGame(1, 4), TrainerTests.Validation()).Run());

        Assert.StartsWith("After epoch 2 the network can no longer be lowered to int8. Node ", fault.Message);
        Assert.NotEmpty(before);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
    }

    [Fact]
    public void Cancelled_calibration_writes_nothing()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            new Calibrator(Options(TrainingRun.Options(_folder, 1).Start), new ColourGame(1, 4), TrainerTests.Validation()).Run(stop.Token));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Calibration_and_prediction_leave_no_tensor_behind()
    {
        Calibrated();
        long before = TrainerTests.Live();
        using (var predictor = new TorchPredictor(Calibrated()))
        {
            SegmentationBatch batch = new ColourGame(1, 4).Epoch(0, default).Single();
            predictor.Predict(batch.Images, batch.Count, batch.Height, batch.Width);
            predictor.PredictLogits(batch.Images, batch.Count, batch.Height, batch.Width);
        }

        Assert.Equal(before, TrainerTests.Live());
    }

    [Fact]
    public void Calibration_needs_at_least_one_image()
    {
        Assert.Contains("0", Assert.Throws<UsageException>(() => new Calibrator(
            Options(TrainingRun.Options(_folder, 1).Start) with { Images = 0 }, new ColourGame(1, 4), TrainerTests.Validation())).Message);
    }

    /// <summary>The float start after one epoch, calibrated on four images.</summary>
    private Network Calibrated()
    {
        string folder = Path.Combine(_folder, "start");
        new Trainer(TrainingRun.Options(folder, 1), new ColourGame(8, 4), TrainerTests.Validation()).Run();
        Network trained = new CheckpointStore(folder, TrainingStage.Float).ReadBest(TrainingRun.Graph).Network;
        new Calibrator(Options(trained) with { Folder = folder, Images = 4 }, new ColourGame(1, 4), TrainerTests.Validation()).Run();
        return new CheckpointStore(folder, TrainingStage.Calibration).ReadBest(TrainingRun.Graph).Network;
    }

    private CalibratorOptions Options(Network network) => new()
    {
        TrainingGraph = TrainingRun.Graph,
        FloatNetwork = network,
        Folder = _folder,
        Run = TrainingRun.Info,
        Calibration = new CalibrationOptions { ActivationObserver = ObserverKind.Mse },
    };

    /// <summary>Four black images.</summary>
    private sealed class Black : IBatchSource
    {
        public int BatchCount => 1;

        public int SampleCount => 4;

        public int SmallestBatch => 4;

        public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation)
        {
            foreach (SegmentationBatch batch in new ColourGame(1, 4).Epoch(epoch, cancellation))
            {
                Array.Clear(batch.Images);
                yield return batch;
            }
        }
    }

    private sealed class Observed : ICalibrationCallback
    {
        public List<int> Images { get; } = [];

        public void ObservationAdvances(EvaluationProgress report) => Images.Add(report.Images);
    }
}
