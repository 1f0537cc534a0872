using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;

namespace Tessera.Training.Tests.Trainers;

/// <summary>What each option of a trainer decides, one at a time: the weights that it leaves differ, or are those of the formula.</summary>
public sealed class TrainerWireTests : IDisposable
{
    private const string Weight = "head.stride4.0.weight";

    private static readonly SgdOptions Plain = new() { Momentum = 0, Decay = WeightDecay.OfWeights(0) };

    /// <summary>A network of few channels, whose steps are quick.</summary>
    internal static Graph Graph { get; } = GraphWith(new BatchNormOptions());

    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-wires-").FullName;
    private int _runs;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_scheduled_rate_is_the_one_that_moves_the_weights()
    {
        // Two epochs of one step each, on the same batch, at momentum 0 and without decay: a step is rate times gradient.
        TrainerOptions options = Options(1) with { Optimizer = Plain };
        float[] start = options.Start.Parameters[Weight];
        float[] one = Train(options with { Schedule = new StepDecaySchedule(0.5, []) }), two = Train(options with { Schedule = new StepDecaySchedule(0.25, []) });
        for (int i = 0; i < start.Length; i++)
        {
            Assert.Equal((one[i] - start[i]) / 2, two[i] - start[i], 1e-6);
        }

        Assert.NotEqual(Train(options with { Epochs = 2, Schedule = new StepDecaySchedule(0.02, []) }), Train(options with { Epochs = 2, Schedule = new StepDecaySchedule(0.02, [1]) }));
        Assert.NotEqual(Train(options with { Epochs = 2, Schedule = new StepDecaySchedule(0.02, [1], 0.5) }), Train(options with { Epochs = 2, Schedule = new StepDecaySchedule(0.02, [1]) }));
        Assert.NotEqual(Train(options), Train(options with { Schedule = new WarmUpSchedule(new StepDecaySchedule(0.02, []), 3) }));
    }

    [Fact]
    public void A_rate_may_change_within_an_epoch()
    {
        // 0 in the second step: what one step leaves.
        TrainerOptions options = Options(1) with { Schedule = new FirstStepOnly() };
        Assert.Equal(Train(options, batches: 1), Train(options, batches: 2));
    }

    [Fact]
    public void Optimizer_and_loss_are_the_options_ones()
    {
        TrainerOptions options = Options(2);
        float[] weights = Train(options);
        Assert.Equal(weights, Train(options));
        Assert.NotEqual(weights, Train(options with { Optimizer = new SgdOptions { Momentum = 0.5 } }));
        Assert.NotEqual(weights, Train(options with { Optimizer = new SgdOptions { Decay = WeightDecay.OfWeights(0.1) } }));
        Assert.NotEqual(weights, Train(options with { Loss = new FocalLossOptions { Alpha = 0.5 } }));
        Assert.NotEqual(weights, Train(options with { Loss = new FocalLossOptions { Gamma = 1 } }));
        foreach (int stride in TrainingRun.Strides)
        {
            Assert.NotEqual(weights, Train(options with { Loss = Weighted(other => other == stride ? 100 : SegmentationLossOptions.WeightOf(other)) }));
        }
    }

    [Fact]
    public void A_stride_weight_moves_the_head_of_its_stride_alone()
    {
        TrainerOptions options = Options(1) with { Optimizer = Plain };
        foreach (int stride in TrainingRun.Strides)
        {
            ParameterSet trained = TrainNetwork(options with { Loss = Weighted(other => other == stride ? SegmentationLossOptions.WeightOf(other) : 0) });
            foreach (int head in TrainingRun.Strides)
            {
                string bias = $"head.stride{head}.1.bias"; // the batch norm's shift: it has no decay
                Assert.Equal(head == stride, !trained[bias].SequenceEqual(options.Start.Parameters[bias]));
            }
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    public void Running_statistics_follow_the_momentum_of_batch_norm(float momentum)
    {
        // With momentum m one step leaves (1 - m)·1 + m·v of a variance that began at 1: v is the same at every m.
        double Variance(float value) => (Statistic(value) - (1 - value)) / value;
        Assert.Equal(Variance(1), Variance(momentum), 1e-3 * Math.Max(1, Variance(1)));
        Assert.NotEqual(Statistic(1), Statistic(momentum));
    }

    [Fact]
    public void Batch_norm_adds_its_eps() => Assert.NotEqual(TrainNetwork(OptionsWith(new BatchNormOptions { Eps = 2e-5f }))[Weight], TrainNetwork(OptionsWith(new BatchNormOptions { Eps = 0.5f }))[Weight]);

    [Fact]
    public void The_last_epoch_is_validated_whatever_the_interval()
    {
        var log = new EventLog();
        new Trainer(Options(3) with { Folder = _folder, ValidationInterval = 2 }, new ColourGame(1, 2), TrainerTests.Validation(), log).Run();
        Assert.Equal([false, true, true], log.Epochs.Select(epoch => epoch.Validation is not null));
    }

    [Fact]
    public void An_equal_score_is_not_a_better_one()
    {
        // The first class wins everywhere and in every epoch: its shift towers over the others.
        TrainerOptions options = Options(3) with { Folder = _folder, Schedule = new StepDecaySchedule(1e-30, []) };
        options.Start.Parameters["head.stride4.1.bias"][0] = 1e6f;
        var log = new EventLog();
        TrainingResult result = new Trainer(options, new ColourGame(1, 2), TrainerTests.Validation(), log).Run();

        Assert.Single(log.Epochs.Select(epoch => epoch.Validation!.MeanIoU).Distinct());
        Assert.Equal(["validated 0 best", "validated 1", "validated 2"], log.Lines.Where(line => line.StartsWith("validated", StringComparison.Ordinal)));
        Assert.Single(log.Lines, "float-checkpoint-best.safetensors");
        Assert.Equal(0, new CheckpointStore(_folder, TrainingStage.Float).ReadBest(Graph).State.Epoch);
        Assert.Equal(log.Epochs[0].Validation!.MeanIoU, result.BestMetric);
    }

    [Fact]
    public void Calibration_obeys_its_options()
    {
        string expected = Scales(new CalibrationOptions());
        Assert.NotEqual(expected, Scales(new CalibrationOptions { ActivationObserver = ObserverKind.MinMax }));
        Assert.NotEqual(expected, Scales(new CalibrationOptions { WeightObserver = ObserverKind.Mse }));
        Assert.NotEqual(expected, Scales(new CalibrationOptions { AveragingConstant = 1 }));
        Assert.NotEqual(expected, Scales(new CalibrationOptions(), images: 2));
    }

    private static FocalLossOptions Weighted(Func<int, double> weight) => new() { Weights = [.. TrainingRun.Strides.Select(weight)] };

    private static Graph GraphWith(BatchNormOptions norm)
    {
        Segmentor hat = TestKit.RandomNetworks.HatOptions(ColourGame.Classes.Length);
        var narrow = new Segmentor
        {
            Backbone = hat.Backbone with { Alpha = 1.0 / 32, Norm = norm }, Neck = hat.Neck with { BaseChannels = 1, Norm = norm }, Head = hat.Head with { Norm = norm },
        };
        return narrow.TrainingGraph(new TensorShape(4, 3, 64, 64));
    }

    private static TrainerOptions OptionsOf(Graph graph, int epochs) => TrainingRun.Options("", epochs) with { TrainingGraph = graph, Start = new Network(graph, ParameterSet.Initialize(graph, 7)) };

    private static TrainerOptions OptionsWith(BatchNormOptions norm) => OptionsOf(GraphWith(norm), 1);

    private static TrainerOptions Options(int epochs) => OptionsOf(Graph, epochs);

    private double Statistic(float momentum) => TrainNetwork(OptionsWith(new BatchNormOptions { Momentum = momentum }))["backbone.mod1.0.1.running_var"][0];

    private string Scales(CalibrationOptions calibration, int images = 4)
    {
        string folder = Path.Combine(_folder, $"{++_runs}");
        var options = new CalibratorOptions
        {
            TrainingGraph = Graph, FloatNetwork = Options(1).Start, Folder = folder, Run = TrainingRun.Info, Calibration = calibration, Images = images,
        };
        return string.Join(" ", new Calibrator(options, new ColourGame(2, 2), TrainerTests.Validation()).Run().Scales.Select(scale => (scale.Scale, scale.SmallestWeightScale, scale.LargestWeightScale)));
    }

    private float[] Train(TrainerOptions options, int batches = 1) => TrainNetwork(options, batches)[Weight];

    private ParameterSet TrainNetwork(TrainerOptions options, int batches = 1)
    {
        string folder = Path.Combine(_folder, $"{++_runs}");
        new Trainer(options with { Folder = folder, ScoreTraining = false, ValidationInterval = 100 }, new ColourGame(batches, 2) { IsFixed = true }, new ColourGame(1, 1)).Run();
        return new CheckpointStore(folder, TrainingStage.Float).ReadLast(options.TrainingGraph).Network.Parameters;
    }

    private sealed class FirstStepOnly : ILearningRateSchedule
    {
        public double RateAt(TrainingMoment moment) => moment.Step == 0 ? 0.02 : 0;
    }
}
