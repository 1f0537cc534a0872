using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.TestKit;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Tessera.Training.Tests.Engine;

/// <summary>What QAT learns scales along is LSQ's gradient as it is defined, and no value changes by it.</summary>
public class ScaleGradientTests
{
    private const int Networks = 24;

    public ScaleGradientTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(WeightGranularity.PerChannel)]
    [InlineData(WeightGranularity.PerTensor)]
    public void The_gradients_of_scales_follow_their_definition_in_random_networks_of_all_operations(WeightGranularity granularity)
    {
        int groups = 0, shared = 0;
        for (int seed = 0; seed < Networks; seed++)
        {
            Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
            double[] image = RandomNetworks.Normalized(IntegerImage(prepared, seed));
            Network network = GradientDefinitionTests.Annotate(prepared, image);
            var options = new QatOptions { ActivationScales = ScaleTraining.Learned, WeightScales = ScaleTraining.Learned, Calibration = new CalibrationOptions { WeightGranularity = granularity } };
            var movable = new MovableScales(network.Graph, options.Calibration);
            using var quantizer = new StepQuantizer(network.Graph, movable, options);
            using var module = new GraphModule(network.Graph, network.Parameters);
            module.RoundInSteps(quantizer);
            Dictionary<string, float[]> plain = Values(module, image, isTraining: false, out Tensor[] unused);
            Array.ForEach(unused, output => output.Dispose());
            Dictionary<string, float[]> values = Values(module, image, isTraining: true, out Tensor[] outputs);
            Assert.All(values, item => Assert.Equal(plain[item.Key], item.Value));

            var definition = new StraightThroughDefinition(network, values);
            definition.Backward(GradientDefinitionTests.GoBack(network.Graph, outputs, seed));
            foreach ((string leader, Tensor e) in quantizer.Activations)
            {
                string[] members = [.. network.Graph.Nodes.Where(node => node.Output.Quant is not null && movable.LeaderOf(node.Name) == leader).Select(node => ScaleTable.ActivationKey(node.Name)).Where(definition.ScaleGradients.ContainsKey)];
                Near(seed, leader, (members.Sum(name => definition.ScaleGradients[name][0].Sum), members.Sum(name => definition.ScaleGradients[name][0].Magnitude)), e, 0);
                (groups, shared) = (groups + 1, shared + (members.Length > 1 ? 1 : 0));
            }

            foreach ((string node, Tensor e) in quantizer.Weights)
            {
                (double Sum, double Magnitude)[] expected = definition.ScaleGradients[ScaleTable.WeightKey(node)];
                expected = granularity == WeightGranularity.PerChannel ? expected : [(expected.Sum(channel => channel.Sum), expected.Sum(channel => channel.Magnitude))];
                Assert.Equal(expected.Length, e.numel());
                for (int channel = 0; channel < expected.Length; channel++)
                {
                    Near(seed, node, expected[channel], e, channel);
                }
            }

            // What the parameters learn along is the same as without learned scales.
            foreach ((string name, TorchParameter parameter) in module.TrainedParameters)
            {
                double range = Math.Max(definition.Result[name].Max(Math.Abs), 1e-30);
                Assert.All(definition.Result[name].Zip(Gradient(parameter)), pair => Assert.InRange(pair.Second, pair.First - (1e-4 * range), pair.First + (1e-4 * range)));
            }
        }

        Assert.True(groups > 100 && shared > 10, $"{groups} groups, {shared} of several rounding nodes");
    }

    [Fact]
    public void A_real_bias_is_for_training_steps_only()
    {
        // One convolution that hands its input on: z = x·0.5 + b in steps of 1/64, b = 0.3 steps.
        Graph graph = GraphParser.Parse(
            """
            graph one
            %img = input() : 1x3x1x2 scale=0.0078125
            %y = conv2d(%img) in=3 out=3 kernel=1 stride=1 padding=0 groups=3 : 1x3x1x2 scale=0.015625 weight_scale=1,1,1
            output y = %y

            """);
        var parameters = new ParameterSet { ["y.weight"] = [1, 1, 1], ["y.bias"] = [0.3f / 64, 0.3f / 64, 0.3f / 64] };
        var options = new QatOptions { Bias = BiasForm.Float };
        using var quantizer = new StepQuantizer(graph, new MovableScales(graph, options.Calibration), options);
        using var module = new GraphModule(graph, parameters);
        module.RoundInSteps(quantizer);
        using Tensor images = tensor([1 / 128f, 2 / 128f, 3 / 128f, 4 / 128f, 5 / 128f, 6 / 128f], [1, 3, 1, 2]);

        // 0.5 + 0.3, 1 + 0.3, 1.5 + 0.3 ...: the real bias rounds 0.8 up; the int32 bias is rne(0.6) = 1, half a step of the output, and 0.5 + 0.5, 1 + 0.5, 1.5 + 0.5 round to 1, 2, 2.
        module.train();
        using Tensor inTraining = module.Forward(images).Single();
        Assert.Equal([1f, 1, 2, 2, 3, 3], inTraining.data<float>().ToArray().Select(value => value * 64));
        module.eval();
        using Tensor deployed = module.Forward(images).Single();
        Assert.Equal([1f, 2, 2, 2, 3, 4], deployed.data<float>().ToArray().Select(value => value * 64));
    }

    private static sbyte[] IntegerImage(Network network, int seed) => RandomNetworks.Image(network.Graph.Input.Output.Shape.H, network.Graph.Input.Output.Shape.W, seed);

    private static Dictionary<string, float[]> Values(GraphModule module, double[] image, bool isTraining, out Tensor[] outputs)
    {
        TensorShape shape = module.Graph.Input.Output.Shape;
        module.train(isTraining);
        using Tensor images = tensor([.. image.Select(x => (float)x)], [1, 3, shape.H, shape.W]);
        var values = new Dictionary<string, float[]>();
        outputs = module.ForwardTapped(images, (name, value) =>
        {
            using Tensor numbers = value.detach().to_type(ScalarType.Float32);
            values[name] = numbers.data<float>().ToArray();
        });
        return values;
    }

    // float32 against double: sums of some hundred terms that cancel.
    private static void Near(int seed, string name, (double Sum, double Magnitude) expected, Tensor e, int place)
    {
        float actual = Gradient(e)[place];
        Assert.True(Math.Abs(actual - expected.Sum) <= 1e-4 * Math.Max(expected.Magnitude, 1e-30), $"mixed{seed}: the gradient of the scale of {name}[{place}] is {actual} where {expected.Sum} is right.");
    }

    private static float[] Gradient(Tensor tensor)
    {
        using Tensor? gradient = tensor.grad;
        using Tensor? contiguous = gradient?.contiguous();
        return contiguous is null ? new float[tensor.numel()] : contiguous.data<float>().ToArray();
    }
}
