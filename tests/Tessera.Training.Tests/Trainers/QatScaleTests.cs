using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Training.Tests.Trainers;

/// <summary>QAT with frozen, followed and learned scales and with both biases: what it leaves, what it writes, and what it can mend.</summary>
public sealed class QatScaleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-qat-scales-").FullName;
    private readonly Network _calibrated = Calibrated.Value;
    private int _runs;

    private static Lazy<Network> Calibrated { get; } = new(() =>
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tessera-narrow-");
        TrainerOptions options = TrainingRun.Options(folder.FullName, 1) with { TrainingGraph = Graph, Start = new Network(Graph, ParameterSet.Initialize(Graph, 7)), Schedule = new StepDecaySchedule(1e-3, []) };
        new Trainer(options, new ColourGame(8, 4), TrainerTests.Validation()).Run();
        var calibration = new CalibratorOptions
        {
            TrainingGraph = Graph, FloatNetwork = new CheckpointStore(folder.FullName, TrainingStage.Float).ReadBest(Graph).Network, Folder = folder.FullName, Run = TrainingRun.Info, Images = 8,
        };
        new Calibrator(calibration, new ColourGame(2, 4, seed: 5), TrainerTests.Validation()).Run();
        Network calibrated = new CheckpointStore(folder.FullName, TrainingStage.Calibration).ReadBest(Graph).Network;
        folder.Delete(recursive: true);
        return calibrated;
    });

    internal static Network CalibratedNetwork => Calibrated.Value;

    private static Graph Graph => TrainerWireTests.Graph;

    public static TheoryData<ScaleTraining, ScaleTraining, BiasForm> Modes => new()
    {
        { ScaleTraining.Observer, ScaleTraining.Observer, BiasForm.Int32 },
        { ScaleTraining.Learned, ScaleTraining.Learned, BiasForm.Int32 },
        { ScaleTraining.Learned, ScaleTraining.Frozen, BiasForm.Float },
        { ScaleTraining.Frozen, ScaleTraining.Observer, BiasForm.Int32 },
        { ScaleTraining.Frozen, ScaleTraining.Frozen, BiasForm.Float },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Modes))]
    public void Only_the_scales_that_may_move_do_and_what_was_validated_is_what_is_written(ScaleTraining activations, ScaleTraining weights, BiasForm bias)
    {
        var log = new EventLog();
        TrainerOptions qat = Options(2, new QatOptions { ActivationScales = activations, WeightScales = weights, Bias = bias });
        long live = TrainerTests.Live();
        Checkpoint last = Train(qat, 3, log);
        Assert.Equal(live, TrainerTests.Live());
        Assert.Single(log.LiveAtStep.Distinct());

        ScaleTable before = ScaleTable.Of(_calibrated.Graph), after = ScaleTable.Of(last.Network.Graph);
        Assert.Equal(activations != ScaleTraining.Frozen, before.Activations.Any(item => after.Activations[item.Key] != item.Value));
        if (weights != ScaleTraining.Frozen || activations == ScaleTraining.Frozen)
        {
            Assert.Equal(weights != ScaleTraining.Frozen, before.Weights.Any(item => !after.Weights[item.Key].Scales.SequenceEqual(item.Value.Scales)));
        }

        Lowering.Require(last.Network);
        using var predictor = new TorchPredictor(last.Network);
        Assert.Equal(log.Epochs[^1].Validation!.MeanIoU, Evaluation.Run(predictor, TrainerTests.Validation(), ColourGame.Classes, EvalSize.Input).MeanIoU);

        // Other weights than with frozen scales and int32 biases: no mode is idle.
        Assert.NotEqual(Train(Options(2, new QatOptions()), 3).WeightsHash, last.WeightsHash);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_resumed_run_ends_with_the_bytes_of_an_uninterrupted_one(ScaleTraining activations, ScaleTraining weights, BiasForm bias)
    {
        TrainerOptions qat = Options(2, new QatOptions { ActivationScales = activations, WeightScales = weights, Bias = bias });
        Train(qat, 2);
        string whole = Path.Combine(_folder, $"{_runs}"), split = Path.Combine(_folder, "split");
        new Trainer(qat with { Folder = split, Epochs = 1 }, new ColourGame(2, 4), TrainerTests.Validation()).Run();
        TrainingResult resumed = new Trainer(qat with { Folder = split, Resume = true }, new ColourGame(2, 4), TrainerTests.Validation()).Run();

        SafetensorsFile expected = SafetensorsFile.Read(Path.Combine(whole, "qat-checkpoint-last.safetensors")), actual = SafetensorsFile.Read(resumed.LastPath);
        Assert.Equal(expected.Tensors.Select(tensor => tensor.Name), actual.Tensors.Select(tensor => tensor.Name));
        Assert.Empty(expected.Tensors.Zip(actual.Tensors).Where(pair => !pair.First.Data.AsSpan().SequenceEqual(pair.Second.Data)).Select(pair => pair.First.Name));
        Assert.Equal(weights == ScaleTraining.Learned, actual.TryGet("optimizer.momentum.head.stride4.0.weight_scale", out _));
        Assert.Equal(activations == ScaleTraining.Learned, actual.TryGet("optimizer.momentum.head.stride4.0.scale", out SafetensorsTensor? momentum) && momentum.ToFloats("")[0] != 0);
    }

    [Fact]
    public void Learned_scales_mend_a_wrong_one_that_frozen_scales_keep()
    {
        // The finest logits in a hundredth of their range: they end at the same number, and the first class wins.
        const string Name = "head.stride4.0";
        Network calibrated = QatStartTests.Learned.Value.Network;
        ScaleTable found = ScaleTable.Of(calibrated.Graph);
        float right = found.Activations[Name], wrong = right / 100;
        Graph spoiled = new ScaleTable(new Dictionary<string, float>(found.Activations) { [Name] = wrong }, found.Weights).Annotate(calibrated.Graph);
        TrainerOptions qat = TrainingRun.Options("", 2) with { Stage = TrainingStage.Qat, Start = new Network(spoiled, calibrated.Parameters), Schedule = new StepDecaySchedule(2e-4, []) };
        EventLog frozen = new(), learned = new();

        Train(qat, 18, frozen);
        Checkpoint mended = Train(qat with { Qat = new QatOptions { ActivationScales = ScaleTraining.Learned, ScaleRateFactor = 10_000 } }, 18, learned);

        float scale = mended.Network.Graph.ValueOf(Name).Quant!.Scale;
        (double Loss, double Iou) left = (frozen.Epochs[^1].Loss, frozen.Epochs[^1].Validation!.MeanIoU), now = (learned.Epochs[^1].Loss, learned.Epochs[^1].Validation!.MeanIoU);
        Assert.InRange(scale, 10 * wrong, 2 * right);
        Assert.True(now.Loss < 0.8 * left.Loss && now.Iou > left.Iou + 0.05, $"frozen {left}, learned {now}");
    }

    [Fact]
    public void A_scale_that_a_rule_fixed_at_calibration_stays_and_takes_its_group_along()
    {
        const string Name = "backbone.mod2.0.1.0";
        var calibration = new CalibrationOptions { Rules = [new ObserverRule { Nodes = Name, ActivationObserver = ObserverKind.FixedScale, Scale = 0.5f }] };
        ScaleTable before = ScaleTable.Of(_calibrated.Graph);
        foreach (ScaleTraining mode in new[] { ScaleTraining.Observer, ScaleTraining.Learned })
        {
            ScaleTable after = ScaleTable.Of(Train(Options(1, new QatOptions { ActivationScales = mode, Calibration = calibration }), 1).Network.Graph);
            Assert.Equal(before.Activations[Name], after.Activations[Name]);
            Assert.True(after.Activations.Count(item => item.Value != before.Activations[item.Key]) > 50);
        }
    }

    [Theory]
    [InlineData(-0.1, 1, "averaging constant of QAT is -0.1")]
    [InlineData(1.5, 1, "averaging constant of QAT is 1.5")]
    [InlineData(double.NaN, 1, "averaging constant of QAT is NaN")]
    [InlineData(0.01, 0, "scales' learning rate is 0")]
    [InlineData(0.01, double.NaN, "scales' learning rate is NaN")]
    [InlineData(0.01, double.PositiveInfinity, "scales' learning rate is")]
    public void Settings_out_of_range_are_refused(double constant, double factor, string reason) => Assert.Contains(reason, Assert.Throws<UsageException>(() =>
        new Trainer(Options(1, new QatOptions { AveragingConstant = constant, ScaleRateFactor = factor }), new ColourGame(1, 4), TrainerTests.Validation())).Message);

    private Checkpoint Train(TrainerOptions options, int batches, EventLog? log = null)
    {
        string folder = Path.Combine(_folder, $"{++_runs}");
        new Trainer(options with { Folder = folder }, new ColourGame(batches, 4), TrainerTests.Validation(), log is null ? [] : [log]).Run();
        return new CheckpointStore(folder, TrainingStage.Qat).ReadLast(options.TrainingGraph);
    }

    private TrainerOptions Options(int epochs, QatOptions qat) => TrainingRun.Options(_folder, epochs) with
    {
        Stage = TrainingStage.Qat,
        TrainingGraph = Graph,
        Start = _calibrated,
        Schedule = new StepDecaySchedule(1e-3, []),
        Qat = qat,
    };
}
