using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.TestKit;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Tessera.Training.Tests.Engine;

/// <summary>What QAT descends along is the straight-through gradient as it is defined, for every operation that has an integer form.</summary>
public class GradientDefinitionTests
{
    private const int Networks = 24;

    // Narrow enough that a part of the values leaves the range, of activations and of weights.
    private const float ClippedTo = 0.6f;

    public GradientDefinitionTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(Requantization.Float32)]
    [InlineData(Requantization.Multiplier16)]
    [InlineData(Requantization.Shift)]
    public void The_gradients_of_random_networks_of_all_operations_follow_their_definition(Requantization form)
    {
        HashSet<string> met = [];
        long ended = 0, passed = 0, clippedWeights = 0;
        for (int seed = 0; seed < Networks; seed++)
        {
            Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
            TensorShape shape = prepared.Graph.Input.Output.Shape;
            double[] image = RandomNetworks.Normalized(RandomNetworks.Image(shape.H, shape.W, seed));
            Network network = Annotate(prepared, image, form);
            met.UnionWith(network.Graph.Nodes.Select(node => node.Op.Mnemonic));
            clippedWeights += network.Graph.Nodes.Where(node => node.Op is Conv2d).Sum(node => network.Parameters[Conv2d.WeightName(node.Name)]
                .Where((weight, i) => MathF.Abs(weight / node.WeightQuant!.Scales[i / ((Conv2d)node.Op).FanIn]) > 128).Count());

            using var module = new GraphModule(network.Graph, network.Parameters);
            module.train();
            using Tensor images = tensor([.. image.Select(x => (float)x)], [1, 3, shape.H, shape.W]).requires_grad_();
            var values = new Dictionary<string, float[]>();
            Tensor[] outputs = module.ForwardTapped(images, (name, value) =>
            {
                using Tensor numbers = value.detach().to_type(ScalarType.Float32);
                values[name] = numbers.data<float>().ToArray();
            });
            Dictionary<string, double[]> incoming = GoBack(network.Graph, outputs, seed);

            var definition = new StraightThroughDefinition(network, values);
            definition.Backward(incoming);
            (ended, passed) = (ended + definition.Clamped.Ended, passed + definition.Clamped.Passed);
            Near(seed, network.Graph.Input.Name, definition.Result[network.Graph.Input.Name], images.grad!);
            foreach ((string name, TorchParameter parameter) in module.TrainedParameters)
            {
                Near(seed, name, definition.Result[name], parameter.grad);
            }
        }

        string[] integer = [.. OpTable.ByMnemonic.Keys.Where(mnemonic => mnemonic is not ("batch_norm2d" or "relu" or "add"))];
        Assert.Equal(integer.Order(StringComparer.Ordinal), met.Order(StringComparer.Ordinal));
        Assert.True(ended > passed / 20 && passed > ended, $"{ended} gradients ended at a clamp, {passed} passed");
        Assert.True(clippedWeights > 100, $"{clippedWeights} weights lie outside of the range");
    }

    /// <summary>Random gradients of the outputs that have one, by the node that makes each.</summary>
    internal static Dictionary<string, double[]> GoBack(Graph graph, Tensor[] outputs, int seed)
    {
        var random = new Random(seed);
        var incoming = new Dictionary<string, double[]>();
        List<Tensor> real = [], gradients = [];
        foreach ((GraphOutput output, Tensor tensor) in graph.Outputs.Zip(outputs))
        {
            if (graph[output.Value].Op is ArgMax)
            {
                tensor.Dispose();
                continue;
            }

            float[] gradient = [.. Enumerable.Range(0, (int)tensor.numel()).Select(_ => (float)(random.NextDouble() - 0.5))];
            double[] sum = incoming.TryGetValue(output.Value, out double[]? before) ? before : new double[gradient.Length];
            incoming[output.Value] = [.. sum.Zip(gradient, (a, b) => a + b)];
            real.Add(tensor);
            gradients.Add(from_array(gradient).reshape(tensor.shape));
        }

        autograd.backward(real, gradients);
        real.Concat(gradients).ToList().ForEach(tensor => tensor.Dispose());
        return incoming;
    }

    /// <summary>Calibrates a network so narrowly that a part of its values and weights leaves the range.</summary>
    internal static Network Annotate(Network prepared, double[] image, Requantization form = Requantization.Float32)
    {
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax, Requantization = form });
        foreach ((string value, double[] values) in FloatEvaluator.Run(prepared, image))
        {
            if (session.ObservedValues.Contains(value))
            {
                session.Observe(value, [.. values.Select(x => ClippedTo * (float)x)]);
            }
        }

        ScaleTable found = session.Finish(prepared.Parameters);
        var weights = found.Weights.ToDictionary(item => item.Key, item => new QuantParams([.. item.Value.Scales.Select((scale, channel) => channel % 2 == 0 ? scale : form.Scale(ClippedTo / 2 * scale))]));
        return prepared with { Graph = new ScaleTable(found.Activations, weights, form).Annotate(prepared.Graph) };
    }

    // float32 against double: sums of some hundred products through some ten layers.
    private static void Near(int seed, string name, double[] expected, Tensor? gradient)
    {
        float[] actual = gradient is null ? new float[expected.Length] : Values(gradient);
        double range = Math.Max(expected.Max(Math.Abs), 1e-30);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-4 * range, $"mixed{seed}: the gradient of {name} is {actual[i]} where {expected[i]} is right (element {i} of {expected.Length}, range {range}).");
        }
    }

    private static float[] Values(Tensor gradient)
    {
        using Tensor contiguous = gradient.contiguous();
        return contiguous.data<float>().ToArray();
    }
}
