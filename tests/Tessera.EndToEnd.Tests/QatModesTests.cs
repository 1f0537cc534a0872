using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.EndToEnd.Tests;

/// <summary>However QAT moves scales and whatever it adds to the accumulator: the network that it leaves is one in all its integer forms.</summary>
public sealed class QatModesTests : IDisposable
{
    // Shared scales (concatenation, poolings, upsampling), a residual, and a ReLU with an upper end.
    private const string Text = """
        graph joined
        %img = input() : 2x3x16x16
        %a = conv2d(%img) in=3 out=8 kernel=3 stride=2 padding=1 groups=1 : 2x8x8x8
        %an = batch_norm2d(%a) channels=8 eps=2E-05 momentum=0.1 : 2x8x8x8
        %ar = relu(%an) : 2x8x8x8
        %b = conv2d(%ar) in=8 out=8 kernel=3 stride=1 padding=1 groups=8 : 2x8x8x8
        %bs = add(%b, %ar) : 2x8x8x8
        %br = relu(%bs) high=0.75 : 2x8x8x8
        %p = avg_pool2d(%br) kernel=2 stride=2 padding=0 : 2x8x4x4
        %c = conv2d(%p) in=8 out=8 kernel=1 stride=1 padding=0 groups=1 : 2x8x4x4
        %u = upsample(%c) factor=2 : 2x8x8x8
        %m = max_pool2d(%ar) kernel=3 stride=1 padding=1 : 2x8x8x8
        %j = concat(%u, %m, %br) : 2x24x8x8
        %h = conv2d(%j) in=24 out=3 kernel=1 stride=1 padding=0 groups=1 : 2x3x8x8
        output stride2 = %h

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-modes-").FullName;

    public QatModesTests() => TorchSetup.Initialize(new() { Threads = 1 });

    public static TheoryData<ScaleTraining, ScaleTraining, BiasForm, Requantization> Modes
    {
        get
        {
            var modes = new TheoryData<ScaleTraining, ScaleTraining, BiasForm, Requantization>
            {
                { ScaleTraining.Frozen, ScaleTraining.Frozen, BiasForm.Int32, Requantization.Shift },
                { ScaleTraining.Frozen, ScaleTraining.Frozen, BiasForm.Float, Requantization.Shift },
                { ScaleTraining.Learned, ScaleTraining.Learned, BiasForm.Float, Requantization.Multiplier16 },
                { ScaleTraining.Observer, ScaleTraining.Observer, BiasForm.Int32, Requantization.Multiplier16 },
            };
            foreach (ScaleTraining activations in Enum.GetValues<ScaleTraining>())
            {
                foreach (ScaleTraining weights in Enum.GetValues<ScaleTraining>())
                {
                    foreach (BiasForm bias in Enum.GetValues<BiasForm>())
                    {
                        modes.Add(activations, weights, bias, Requantization.Float32);
                    }
                }
            }

            return modes;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Modes))]
    public void Every_integer_form_of_what_QAT_leaves_gives_the_same_numbers(ScaleTraining activations, ScaleTraining weights, BiasForm bias, Requantization form)
    {
        Graph graph = GraphParser.Parse(Text);
        var options = new TrainerOptions
        {
            Stage = TrainingStage.Float,
            TrainingGraph = graph,
            Start = new Network(graph, ParameterSet.Initialize(graph, 3)),
            Epochs = 2,
            Schedule = new StepDecaySchedule(0.05, []),
            Folder = _folder,
            Run = new RunInfo { Classes = ["a", "b", "c"] },
            Loss = new FocalLossOptions { Weights = [4] },
        };
        new Trainer(options, new Blocks(6), new Blocks(1)).Run();
        Network trained = new CheckpointStore(_folder, TrainingStage.Float).ReadLast(graph).Network;
        new Calibrator(new CalibratorOptions { TrainingGraph = graph, FloatNetwork = trained, Folder = _folder, Run = options.Run, Images = 4, Calibration = new CalibrationOptions { Requantization = form } }, new Blocks(2), new Blocks(1)).Run();
        Network calibrated = new CheckpointStore(_folder, TrainingStage.Calibration).ReadBest(graph).Network;
        TrainerOptions qat = options with
        {
            Stage = TrainingStage.Qat,
            Start = calibrated,
            Qat = new QatOptions { ActivationScales = activations, WeightScales = weights, Bias = bias, AveragingConstant = 0.2, ScaleRateFactor = 20 },
        };
        new Trainer(qat, new Blocks(6), new Blocks(1)).Run();

        Network network = new CheckpointStore(_folder, TrainingStage.Qat).ReadLast(graph).Network;
        Network deployed = network with { Graph = DeployGraph.Of(network.Graph) };
        for (int seed = 0; seed < 3; seed++)
        {
            IntegerForms.AssertAllEqual(deployed, IntegerForms.ImageOf(deployed, seed), isPlanned: seed == 0 && form == Requantization.Float32);
        }

        // It moved what it was to move, and what must have one scale still has one; the image keeps its own.
        float Scale(string value) => network.Graph.ValueOf(value).Quant!.Scale;
        Assert.Equal(activations == ScaleTraining.Frozen, Scale("a") == calibrated.Graph.ValueOf("a").Quant!.Scale);
        Assert.Single(new[] { "a", "b", "p", "c", "u", "m", "j" }.Select(Scale).Distinct());
        Assert.Equal(Int8Arithmetic.ImageScale, Scale("img"));
        if (weights != ScaleTraining.Frozen)
        {
            Assert.NotEqual(calibrated.Graph["h"].WeightQuant!.Scales, network.Graph["h"].WeightQuant!.Scales);
        }
    }

    [Fact]
    public void Where_only_powers_of_two_are_scales_they_cannot_move()
    {
        Graph graph = GraphParser.Parse(Text);
        Network prepared = QuantizationPreparation.Prepare(new Network(graph, ParameterSet.InitializeAsTrained(graph, 3)));
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { Requantization = Requantization.Shift });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-1, 1]);
        }

        var options = new TrainerOptions
        {
            Stage = TrainingStage.Qat,
            TrainingGraph = graph,
            Start = prepared with { Graph = session.Finish(prepared.Parameters).Annotate(prepared.Graph) },
            Epochs = 1,
            Schedule = new StepDecaySchedule(0.05, []),
            Folder = _folder,
            Run = new RunInfo { Classes = ["a", "b", "c"] },
            Loss = new FocalLossOptions { Weights = [4] },
            Qat = new QatOptions { ActivationScales = ScaleTraining.Learned },
        };
        Assert.Contains("its scales are powers of two and cannot move", Assert.Throws<UsageException>(() => new Trainer(options, new Blocks(6), new Blocks(1)).Run()).Message);
    }

    /// <summary>Images of coloured blocks with noise; the class is the block's colour.</summary>
    private sealed class Blocks(int batches) : IBatchSource
    {
        private const int Size = 16;

        public int BatchCount => batches;

        public int SampleCount => 2 * batches;

        public int SmallestBatch => 2;

        public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation)
        {
            for (int i = 0; i < batches; i++)
            {
                var random = new Random((epoch * 100) + i);
                byte[] coarse = [.. Enumerable.Range(0, 2 * 64).Select(_ => (byte)random.Next(3))];
                byte[] labels = [.. Enumerable.Range(0, 2 * Size * Size).Select(at => coarse[(at / 256 * 64) + (at / 32 % 8 * 8) + (at / 2 % 8)])];
                sbyte[] images = [.. labels.SelectMany(label => Enumerable.Range(0, 3).Select(plane => (sbyte)(random.Next(-40, 40) + (plane == label ? 80 : -20))))];
                SampleInfo[] samples = [.. Enumerable.Range(0, 2).Select(n => new SampleInfo($"{n}", n, Size, Size, null))];
                yield return new SegmentationBatch(Size, Size, images, labels, new Dictionary<int, byte[]> { [2] = coarse }, samples);
            }
        }
    }
}
