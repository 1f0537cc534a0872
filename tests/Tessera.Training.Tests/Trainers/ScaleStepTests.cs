using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.TestKit;
using Tessera.Training.Tests.Engine;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Trainers;

/// <summary>By how much a step moves each scale of random networks of all operations, held against the formulas.</summary>
public class ScaleStepTests
{
    private const int Networks = 8;
    private const double Rate = 0.5;

    public ScaleStepTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(0)]
    public void Followed_scales_move_by_their_share_of_the_way_to_the_range(double constant)
    {
        var options = new QatOptions { ActivationScales = ScaleTraining.Observer, WeightScales = ScaleTraining.Observer, AveragingConstant = constant };
        int moved = 0;
        ForEachNetwork(options, (before, after, definition, _) =>
        {
            foreach (string leader in Leaders(before, options))
            {
                float old = before.Graph.ValueOf(leader).Quant!.Scale, range = (float)Members(before, options, leader).Max(name => definition.Ranges.GetValueOrDefault(name)) * old;
                double expected = range == 0 ? old : old + (constant * (Int8Arithmetic.ScaleFor(range) - old));
                AssertGroup(before, after, options, leader, expected);
                moved += expected == old ? 0 : 1;
            }

            AssertWeights(before, after, (node, weights, channel) => node.WeightQuant!.Scales[channel] + (constant * (Int8Arithmetic.ScaleFor(weights.Max(MathF.Abs)) - node.WeightQuant.Scales[channel])));
        });
        Assert.Equal(constant > 0, moved > 50);
    }

    [Fact]
    public void Learned_scales_go_down_their_gradient_with_momentum()
    {
        const double Factor = 1e-5;
        var options = new QatOptions { ActivationScales = ScaleTraining.Learned, WeightScales = ScaleTraining.Learned, ScaleRateFactor = Factor };
        int moved = 0, ended = 0;
        ForEachNetwork(options, (before, after, definition, momentum) =>
        {
            foreach (string leader in Leaders(before, options))
            {
                string[] members = Members(before, options, leader);
                float old = before.Graph.ValueOf(leader).Quant!.Scale;
                double elements = members.Where(name => before.Graph[name].Op is Conv2d).Sum(name => before.Graph.ValueOf(name).Shape.Count);
                double gradient = members.Sum(name => definition.ScaleGradients.GetValueOrDefault(ScaleTable.ActivationKey(name))?[0].Sum ?? 0) / old / Math.Sqrt(127 * elements);
                AssertGroup(before, after, options, leader, Step(old, gradient, ScaleTable.ActivationKey(leader)));
            }

            AssertWeights(before, after, (node, weights, channel) =>
            {
                float old = node.WeightQuant!.Scales[channel];
                double gradient = definition.ScaleGradients[ScaleTable.WeightKey(node.Name)][channel].Sum / old / Math.Sqrt(127.0 * weights.Length);
                return Step(old, gradient, $"{ScaleTable.WeightKey(node.Name)}/{channel}");
            });

            // gradient is LSQ's, of the scale itself.
            double Step(float old, double gradient, string name)
            {
                double wanted = (0.9 * momentum.GetValueOrDefault(name)) + (gradient / old), held = Math.Clamp(Rate * Factor * wanted, -0.1, 0.1);
                momentum[name] = held / (Rate * Factor);
                (moved, ended) = (moved + (Math.Abs(held) > 0.001 ? 1 : 0), ended + (held is -0.1 or 0.1 ? 1 : 0));
                return old * Math.Exp(-held);
            }
        });
        Assert.True(moved > 200 && ended < moved / 4, $"{moved} moved by more than 0.1 %, {ended} of them were held");
    }

    [Fact]
    public void A_step_changes_a_learned_scale_by_a_tenth_at_most()
    {
        var options = new QatOptions { ActivationScales = ScaleTraining.Learned, ScaleRateFactor = 1e9 };
        int ends = 0;
        ForEachNetwork(options, (before, after, _, _) =>
        {
            foreach (string leader in Leaders(before, options))
            {
                float old = before.Graph.ValueOf(leader).Quant!.Scale, now = after.Graph.ValueOf(leader).Quant!.Scale;
                double most = Math.Exp(0.1) * (1 + 1e-6);
                Assert.InRange(now, old / most, old * most);
                ends += Math.Abs(Math.Abs(Math.Log(now / old)) - 0.1) < 1e-5 ? 1 : 0;
            }
        });
        Assert.True(ends > 50, $"{ends}");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_of_a_scale_that_is_no_number_is_named_and_nothing_moves(float factor)
    {
        Network network = Make(3, out double[] image);
        using var module = new GraphModule(network.Graph, network.Parameters);
        using var steps = new ScaleSteps(module, new QatOptions { WeightScales = ScaleTraining.Learned });
        Backward(module, image, 3, factor).ToList().ForEach(item => Assert.NotEmpty(item.Value));

        string message = Assert.Throws<WorkException>(steps.Require).Message;

        Assert.Matches(@"^The gradient of the scale of \S+ is (NaN|-?Infinity)\. Use a smaller optimizer\.lr, qat_trainer\.scale_lr_mult or losses\.weight\.$", message);
        Assert.Same(network.Graph, module.Graph);
    }

    private static void ForEachNetwork(QatOptions options, Action<Network, Network, StraightThroughDefinition, Dictionary<string, double>> look)
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            Network network = Make(seed, out double[] image);
            var momentum = new Dictionary<string, double>();
            using var module = new GraphModule(network.Graph, network.Parameters);
            using var steps = new ScaleSteps(module, options);
            for (int step = 0; step < 2; step++)
            {
                Network before = network with { Graph = module.Graph };
                var values = new Dictionary<string, float[]>();
                Dictionary<string, double[]> incoming = Backward(module, image, seed, 1, values);
                var definition = new StraightThroughDefinition(before, values);
                definition.Backward(incoming);
                steps.Require();
                steps.Step(Rate);
                look(before, network with { Graph = module.Graph }, definition, momentum);
            }
        }
    }

    private static Network Make(int seed, out double[] image)
    {
        Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
        TensorShape shape = prepared.Graph.Input.Output.Shape;
        image = RandomNetworks.Normalized(RandomNetworks.Image(shape.H, shape.W, seed));
        return GradientDefinitionTests.Annotate(prepared, image);
    }

    private static Dictionary<string, double[]> Backward(GraphModule module, double[] image, int seed, float factor, Dictionary<string, float[]>? values = null)
    {
        TensorShape shape = module.Graph.Input.Output.Shape;
        module.train();
        using Tensor images = tensor([.. image.Select(x => (float)x * factor)], [1, 3, shape.H, shape.W]);
        Tensor[] outputs = module.ForwardTapped(images, (name, value) =>
        {
            using Tensor numbers = value.detach().to_type(ScalarType.Float32);
            values?.Add(name, numbers.data<float>().ToArray());
        });
        return GradientDefinitionTests.GoBack(module.Graph, outputs, seed);
    }

    private static IEnumerable<string> Leaders(Network network, QatOptions options) => new MovableScales(network.Graph, options.Calibration).Activations.Select(group => group.Leader);

    private static string[] Members(Network network, QatOptions options, string leader)
    {
        var movable = new MovableScales(network.Graph, options.Calibration);
        return [.. network.Graph.Nodes.Where(node => node.Output.Quant is not null && movable.LeaderOf(node.Name) == leader).Select(node => node.Name)];
    }

    private static void AssertGroup(Network before, Network after, QatOptions options, string leader, double expected)
    {
        foreach (string member in Members(before, options, leader))
        {
            Near(expected, after.Graph.ValueOf(member).Quant!.Scale, $"{before.Graph.Name}: {member}");
        }

        Assert.Equal(Int8Arithmetic.ImageScale, after.Graph.Input.Output.Quant!.Scale);
        Lowering.Require(after);
    }

    /// <summary>A wanted scale, as far as docs/arithmetic.md lets it be with the moved scales of input and output.</summary>
    private static void AssertWeights(Network before, Network after, Func<Node, float[], int, double> wanted)
    {
        foreach (Node node in before.Graph.Nodes.Where(node => node.Op is Conv2d))
        {
            int fanIn = ((Conv2d)node.Op).FanIn;
            double input = after.Graph.ValueOf(node.Inputs[0]).Quant!.Scale, output = after.Graph.ValueOf(node.Name).Quant!.Scale;
            float[] bias = after.Parameters[Conv2d.BiasName(node.Name)], weights = after.Parameters[Conv2d.WeightName(node.Name)];
            for (int channel = 0; channel < bias.Length; channel++)
            {
                double free = wanted(node, weights[(channel * fanIn)..((channel + 1) * fanIn)], channel);
                Near(Math.Max(Math.Min(free, output / (8 * input)), Math.Abs(bias[channel]) / (input * (1 << 22))), after.Graph[node.Name].WeightQuant!.Scales[channel], $"{before.Graph.Name}: {node.Name}/{channel}");
            }
        }
    }

    private static void Near(double expected, float actual, string what) => Assert.True(Math.Abs(actual - expected) <= 1e-5 * Math.Abs(expected), $"{what}: the scale is {actual} where {expected} is right.");
}
