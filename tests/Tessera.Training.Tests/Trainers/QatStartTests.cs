using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training.Tests.Trainers;

/// <summary>QAT begins with the calibrated network as the best there is, and keeps every epoch's network exact.</summary>
public sealed class QatStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-qat-start-").FullName;
    private readonly Checkpoint _calibrated = Learned.Value;

    /// <summary>A network that has learned the game, calibrated; trained once for all tests, none of which changes it.</summary>
    internal static Lazy<Checkpoint> Learned { get; } = new(() =>
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tessera-learned-");
        new Trainer(TrainingRun.Options(folder.FullName, 3), new ColourGame(16, 4), TrainerTests.Validation()).Run();
        Checkpoint calibrated = Calibrate(folder.FullName);
        folder.Delete(recursive: true);
        return calibrated;
    });

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Where_no_epoch_beats_calibration_the_best_checkpoint_is_the_calibrated_network()
    {
        var log = new EventLog();
        TrainerOptions qat = Options(2) with { Schedule = new StepDecaySchedule(0.5, []) }; // far too large a rate

        TrainingResult result = new Trainer(qat, new ColourGame(3, 4), TrainerTests.Validation(), log).Run();

        Assert.All(log.Epochs, epoch => Assert.True(epoch.Validation!.MeanIoU < _calibrated.State.Metric));
        Checkpoint best = new CheckpointStore(_folder, TrainingStage.Qat).ReadBest(TrainingRun.Graph), last = new CheckpointStore(_folder, TrainingStage.Qat).ReadLast(TrainingRun.Graph);
        Assert.Equal((0L, _calibrated.State.Metric, _calibrated.WeightsHash), (best.State.Step, best.State.Metric, best.WeightsHash));
        Assert.Equal(_calibrated.State.Metric, result.BestMetric);
        Assert.Equal(_calibrated.State.Metric, last.State.BestMetric);
        Assert.Equal(1, log.Lines.Count(line => line == "qat-checkpoint-best.safetensors"));
        Assert.Single(log.Lines, line => line.StartsWith("validated", StringComparison.Ordinal) && line.EndsWith("best", StringComparison.Ordinal)); // the start alone
        Assert.True(log.Lines.IndexOf("validated -1 best") < log.Lines.IndexOf("epoch 0"));

        // A resumed run goes on with the same mark to beat, and does not validate the start again.
        var resumed = new EventLog();
        TrainingResult more = new Trainer(qat with { Epochs = 3, Resume = true }, new ColourGame(3, 4), TrainerTests.Validation(), resumed).Run();
        Assert.Equal(_calibrated.State.Metric, more.BestMetric);
        Assert.DoesNotContain(resumed.Lines, line => line.StartsWith("validated -1", StringComparison.Ordinal));
    }

    [Fact]
    public void An_epoch_that_beats_calibration_is_the_best()
    {
        // A calibrated network whose last layer has been spoiled: it says one class everywhere, which training mends soon.
        var spoiled = new ParameterSet();
        foreach ((string name, float[] values) in _calibrated.Network.Parameters)
        {
            spoiled[name] = name == "head.stride4.0.weight" ? [.. values.Select(value => value * 0.2f)] : name == "head.stride4.0.bias" ? [1.5f, 0, 0] : [.. values];
        }

        var log = new EventLog();

        TrainingResult result = new Trainer(
            Options(2) with { Start = new Network(_calibrated.Network.Graph, spoiled), Schedule = new StepDecaySchedule(0.01, []) }, new ColourGame(16, 4), TrainerTests.Validation(), log).Run();

        Assert.Contains("validated 0 best", log.Lines);
        Checkpoint best = new CheckpointStore(_folder, TrainingStage.Qat).ReadBest(TrainingRun.Graph);
        Assert.True(best.State.Step > 0);
        Assert.Equal(log.Epochs.Max(epoch => epoch.Validation!.MeanIoU), result.BestMetric);
        Assert.Equal(result.BestMetric, best.State.Metric);
    }

    [Fact]
    public void A_stop_before_the_first_epoch_ends_leaves_no_best_behind_and_the_mark_to_beat()
    {
        using var stop = new CancellationTokenSource();
        var log = new EventLog { OnStep = _ => stop.Cancel() };

        TrainingResult result = new Trainer(Options(1), new ColourGame(3, 4), TrainerTests.Validation(), log).Run(stop.Token);

        Assert.True(result.IsInterrupted);
        Assert.False(File.Exists(result.BestPath));
        Assert.Equal(log.Validations[0].Metrics.MeanIoU, new CheckpointStore(_folder, TrainingStage.Qat).ReadLast(TrainingRun.Graph).State.BestMetric);
    }

    [Fact]
    public void A_channel_that_drifts_out_of_the_exact_range_is_repaired_at_the_epochs_end_and_training_goes_on()
    {
        // Weight scales so fine that each channel's bias alone fills the exact range; wherever training lets a bias grow, it leaves the range.
        const string Name = "backbone.mod2.0.1.0";
        Node node = _calibrated.Network.Graph[Name];
        float input = _calibrated.Network.Graph.ValueOf(node.Inputs[0]).Quant!.Scale;
        float[] bias = _calibrated.Network.Parameters[$"{Name}.bias"];
        ScaleTable found = ScaleTable.Of(_calibrated.Network.Graph);
        var weights = new Dictionary<string, QuantParams>(found.Weights) { [Name] = new QuantParams([.. bias.Select((_, channel) => FinestScale(channel))]) };
        Graph annotated = new ScaleTable(found.Activations, weights).Annotate(_calibrated.Network.Graph);
        var log = new EventLog();
        TrainerOptions qat = Options(2) with { Start = new Network(annotated, _calibrated.Network.Parameters), Schedule = new StepDecaySchedule(0.01, []) };

        new Trainer(qat, new ColourGame(4, 4), TrainerTests.Validation(), log).Run();

        Assert.Contains(log.Lines, line => line.StartsWith($"repaired 0: {Name}/", StringComparison.Ordinal));
        Assert.Equal(2, log.Epochs.Count);
        Network last = new CheckpointStore(_folder, TrainingStage.Qat).ReadLast(TrainingRun.Graph).Network;
        Lowering.Require(last);
        Assert.Contains(Enumerable.Range(0, bias.Length), channel => last.Graph[Name].WeightQuant!.Scales[channel] > annotated[Name].WeightQuant!.Scales[channel]);
        Assert.DoesNotContain(Enumerable.Range(0, bias.Length), channel => last.Graph[Name].WeightQuant!.Scales[channel] < annotated[Name].WeightQuant!.Scales[channel]);

        // What trains on and validates is the repaired network, the one in the checkpoint.
        using var predictor = new TorchPredictor(last);
        Assert.Equal(log.Epochs[^1].Validation!.MeanIoU, Evaluation.Run(predictor, TrainerTests.Validation(), ColourGame.Classes, EvalSize.Input).MeanIoU);
        long before = TrainerTests.Live();
        new Trainer(qat with { Folder = Path.Combine(_folder, "again") }, new ColourGame(2, 4), TrainerTests.Validation()).Run();
        Assert.Equal(before, TrainerTests.Live());

        float FinestScale(int channel)
        {
            int fanIn = ((Conv2d)node.Op).FanIn;
            float scale = 1.1f * Math.Max(Math.Abs(bias[channel]), 1e-3f) / (input * Int8Arithmetic.AccumulatorLimit);
            while (Bound(scale * 0.9998f) < Int8Arithmetic.AccumulatorLimit && scale > 1e-12f)
            {
                scale *= 0.9998f;
            }

            return scale;

            long Bound(float candidate) => Int8Arithmetic.AccumulatorBound(
                [.. _calibrated.Network.Parameters[$"{Name}.weight"].Skip(channel * fanIn).Take(fanIn).Select(weight => Int8Arithmetic.QuantizeWeight(weight, candidate))],
                Int8Arithmetic.QuantizeBias(bias[channel], input, candidate),
                isInputNonNegative: true);
        }
    }

    private static Checkpoint Calibrate(string folder)
    {
        Network trained = new CheckpointStore(folder, TrainingStage.Float).ReadBest(TrainingRun.Graph).Network;
        new Calibrator(
            new CalibratorOptions { TrainingGraph = TrainingRun.Graph, FloatNetwork = trained, Folder = folder, Run = TrainingRun.Info, Images = 8 },
            new ColourGame(2, 4, seed: 5), TrainerTests.Validation()).Run();
        return new CheckpointStore(folder, TrainingStage.Calibration).ReadBest(TrainingRun.Graph);
    }

    private TrainerOptions Options(int epochs) => TrainingRun.Options(_folder, epochs) with
    {
        Stage = TrainingStage.Qat,
        Start = _calibrated.Network,
        Schedule = new StepDecaySchedule(2e-4, []),
    };
}
