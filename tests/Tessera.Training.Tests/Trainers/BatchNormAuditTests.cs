using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Trainers;

/// <summary>Batch norms that are not fit to be folded are found by name, and estimating them anew mends a barely trained network.</summary>
public sealed class BatchNormAuditTests : IDisposable
{
    private static readonly Graph Narrow = TrainerWireTests.Graph;

    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-norms-").FullName;

    public BatchNormAuditTests() => TorchSetup.Initialize(new() { Threads = 1 });

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_barely_trained_network_is_found_out_and_estimating_its_norms_anew_brings_the_loss_down()
    {
        Network barely = Trained(TrainingRun.Graph, batches: 6, rate: 0.02);
        CalibrationResult plain = Calibrate(barely, isReestimated: false);
        double before = FirstLoss(TrainingRun.Graph);
        CalibrationResult anew = Calibrate(barely, isReestimated: true);
        double after = FirstLoss(TrainingRun.Graph);

        string[] norms = [.. TrainingRun.Graph.Nodes.Where(node => node.Op is BatchNorm2d).Select(node => node.Name)];
        Assert.Equal(norms, plain.BatchNorms.Select(norm => norm.Node));
        Assert.True(plain.BatchNorms.Count(norm => norm.Severity > 1) > norms.Length / 2);
        Assert.Equal(string.Join("\n", plain.BatchNorms), string.Join("\n", anew.BatchNorms)); // of what training left
        Assert.Equal((false, true), (plain.IsBatchNormReestimated, anew.IsBatchNormReestimated));
        Assert.True(after < before / 10, $"the first loss of QAT is {after} instead of {before}");
    }

    [Fact]
    public void A_trained_network_passes()
    {
        CalibrationResult result = Calibrate(Trained(Narrow, batches: 40), isReestimated: false);
        Assert.True(result.BatchNorms.Count(norm => norm.Severity > 1) <= 2, string.Join("\n", result.BatchNorms.Where(norm => norm.Severity > 1)));
    }

    [Fact]
    public void What_is_estimated_is_the_mean_of_what_training_would_see_in_each_batch()
    {
        var network = new Network(Narrow, ParameterSet.InitializeAsTrained(Narrow, 3));
        const float Momentum = 0.1f;
        var expected = new Dictionary<string, double[]>();
        using var audit = new BatchNormAudit(network);
        using (no_grad())
        {
            foreach (SegmentationBatch batch in new ColourGame(2, 4).Epoch(0, default))
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor images = BatchTensors.Images(batch.Images, batch.Count, batch.Height, batch.Width);
                audit.Add(images);
                using var module = new GraphModule(Narrow, network.Parameters);
                module.train();
                module.Forward(images);
                foreach ((string name, float[] running) in module.ToParameterSet().Where(item => item.Key.Contains(".running_", StringComparison.Ordinal)))
                {
                    // running = (1 - m)·start + m·batch
                    double[] seen = [.. running.Zip(network.Parameters[name], (now, start) => (now - ((1 - Momentum) * (double)start)) / Momentum)];
                    expected[name] = expected.TryGetValue(name, out double[]? first) ? [.. first.Zip(seen, (a, b) => (a + b) / 2)] : seen;
                }
            }
        }

        Network anew = audit.Reestimated();
        Assert.Equal(2 * Narrow.Nodes.Count(node => node.Op is BatchNorm2d), expected.Count);
        foreach ((string name, double[] values) in expected)
        {
            double range = Math.Max(values.Max(Math.Abs), network.Parameters[name].Max(MathF.Abs));
            Assert.All(values.Zip(anew.Parameters[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * range));
        }

        Assert.All(network.Parameters.Where(item => !expected.ContainsKey(item.Key)), item => Assert.Equal(item.Value, anew.Parameters[item.Key]));

        // Statistics of which the half are two standard deviations and a factor of 9 away, by hand.
        ChannelDistance distance = ChannelDistance.Of([3, 3, 0], [9, 9, 1], ([1, 1, 0], [1, 1, 1]), 0);
        Assert.Equal((2, 9), (distance.Shift, distance.Ratio));
        Assert.Equal((0, 4), (ChannelDistance.Of([1], [1], ([1], [4]), 0).Shift, ChannelDistance.Of([1], [1], ([1], [4]), 0).Ratio));
    }

    [Fact]
    public void Batches_of_one_value_per_channel_are_not_looked_at_and_refused_where_statistics_are_asked_for()
    {
        Network barely = Trained(Narrow, batches: 1);
        Assert.Empty(Calibrate(barely, isReestimated: false, new ColourGame(4, 1)).BatchNorms);
        Assert.Contains("which has no variance", Assert.Throws<UsageException>(() => Calibrate(barely, isReestimated: true, new ColourGame(4, 1))).Message);
    }

    private Network Trained(Graph graph, int batches, double rate = 1e-3)
    {
        TrainerOptions options = TrainingRun.Options(_folder, 1) with { TrainingGraph = graph, Start = new Network(graph, ParameterSet.Initialize(graph, 7)), Schedule = new StepDecaySchedule(rate, []) };
        new Trainer(options, new ColourGame(batches, 4), TrainerTests.Validation()).Run();
        return new CheckpointStore(_folder, TrainingStage.Float).ReadLast(graph).Network;
    }

    private CalibrationResult Calibrate(Network network, bool isReestimated, IBatchSource? images = null) => new Calibrator(
        new CalibratorOptions { TrainingGraph = network.Graph, FloatNetwork = network, Folder = _folder, Run = TrainingRun.Info, Images = images?.SampleCount ?? 16, ReestimateBatchNorm = isReestimated },
        images ?? new ColourGame(4, 4, seed: 5),
        TrainerTests.Validation()).Run();

    private double FirstLoss(Graph graph)
    {
        var log = new EventLog();
        TrainerOptions qat = TrainingRun.Options(_folder, 1) with
        {
            Stage = TrainingStage.Qat, TrainingGraph = graph, Start = new CheckpointStore(_folder, TrainingStage.Calibration).ReadBest(graph).Network, Schedule = new StepDecaySchedule(1e-6, []),
        };
        new Trainer(qat, new ColourGame(1, 4), TrainerTests.Validation(), log).Run();
        return log.Steps[0].Loss;
    }
}
