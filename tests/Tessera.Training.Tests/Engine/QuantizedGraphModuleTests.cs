using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class QuantizedGraphModuleTests
{
    public QuantizedGraphModuleTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(64, 64, 1, 1)]
    [InlineData(64, 64, 2, 2)]
    [InlineData(128, 192, 3, 1)]
    [InlineData(128, 192, 4, 2)]
    public void Every_value_equals_that_of_plain_integer_loops(int height, int width, int seed, int threads)
    {
        TorchSetup.Initialize(new() { Threads = threads });
        Network network = TestNetworks.Annotated(height, width, seed);
        using Tensor images = TestNetworks.Images(1, height, width, seed);
        using Tensor planes = images * 128;
        Dictionary<string, sbyte[]> expected = PlainIntegerEvaluator.Evaluate(network, Integers(planes));
        Assert.Contains(expected, item => item.Value.Contains((sbyte)-128));
        using var module = new GraphModule(network.Graph, network.Parameters);
        module.eval();
        Equal(module, images, expected);
        using (no_grad())
        {
            Equal(module, images, expected);
        }
    }

    [Fact]
    public void Logits_are_returned_in_real_units()
    {
        Network network = TestNetworks.Annotated(64, 64, 5);
        using Tensor images = TestNetworks.Images(1, 64, 64, 5);
        using var module = new GraphModule(network.Graph, network.Parameters);
        var integers = new Dictionary<string, float[]>();
        Tensor[] outputs = module.ForwardTapped(images, (name, value) => integers[name] = Floats(value));
        foreach ((GraphOutput output, Tensor logits) in network.Graph.Outputs.Zip(outputs))
        {
            float scale = network.Graph.ValueOf(output.Value).Quant!.Scale;
            Assert.Equal(integers[output.Value].Select(value => value * scale), Floats(logits));
        }
    }

    [Fact]
    public void A_class_map_takes_the_smallest_class_among_equal_logits()
    {
        Network network = TestNetworks.Annotated(64, 128, 6);

        // A scale 16 times as coarse leaves few different logits, hence many equal ones.
        Graph coarse = network.Graph.Rewrite((node, _) => node.Name == "head.stride4.0"
            ? node with { Output = node.Output with { Quant = new(16 * node.Output.Quant!.Scale) } }
            : node);
        Graph deploy = DeployGraph.Of(coarse);
        var logits = new Dictionary<string, float[]>();
        using Tensor images = TestNetworks.Images(1, 64, 128, 6);
        using var module = new GraphModule(deploy, network.Parameters);
        using Tensor map = module.ForwardTapped(images, (name, value) => logits[name] = value.dtype == ScalarType.Float32 ? Floats(value) : []).Single();
        long[] classes = MemoryMarshal.Cast<byte, long>(map.bytes).ToArray();
        float[] values = logits[network.Graph.Outputs[0].Value];
        int ties = 0;
        for (int pixel = 0; pixel < classes.Length; pixel++)
        {
            float[] column = [.. Enumerable.Range(0, 19).Select(c => values[(c * classes.Length) + pixel])];
            Assert.Equal(Array.IndexOf(column, column.Max()), classes[pixel]);
            ties += column.Count(value => value == column.Max()) > 1 ? 1 : 0;
        }

        Assert.True(ties > 0, "no tie occurred: the test would show nothing");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Argmax_takes_the_first_of_equals_for_every_length(int threads)
    {
        TorchSetup.Initialize(new() { Threads = threads });
        var random = new Random(7);
        foreach ((int channels, int height, int width) in new[] { (19, 256, 512), (19, 7, 5), (2, 3, 3), (255, 16, 16), (1, 2, 2) })
        {
            float[] values = [.. Enumerable.Range(0, channels * height * width).Select(_ => (float)random.Next(-2, 2))];
            using Tensor x = tensor(values, [1, channels, height, width]);
            using Tensor map = x.argmax(1, keepdim: true);
            long[] classes = MemoryMarshal.Cast<byte, long>(map.bytes).ToArray();
            int plane = height * width;
            for (int pixel = 0; pixel < plane; pixel++)
            {
                int best = 0;
                for (int c = 1; c < channels; c++)
                {
                    best = values[(c * plane) + pixel] > values[(best * plane) + pixel] ? c : best;
                }

                Assert.Equal(best, classes[pixel]);
            }
        }
    }

    [Fact]
    public void A_changed_weight_changes_the_next_forward()
    {
        Network network = TestNetworks.Annotated(64, 64, 8);
        using Tensor images = TestNetworks.Images(1, 64, 64, 8);
        using Tensor planes = images * 128;
        using var module = new GraphModule(network.Graph, network.Parameters);
        using (no_grad())
        {
            Equal(module, images, PlainIntegerEvaluator.Evaluate(network, Integers(planes)));
            foreach ((_, TorchSharp.Modules.Parameter parameter) in module.TrainedParameters)
            {
                parameter.mul_(0.97);
            }

            var changed = network with { Parameters = module.ToParameterSet() };
            Equal(module, images, PlainIntegerEvaluator.Evaluate(changed, Integers(planes)));
        }
    }

    [Fact]
    public void Weights_and_biases_are_quantized_bit_for_bit_as_the_arithmetic_says()
    {
        var random = new Random(9);
        float[] weights = [.. Enumerable.Range(0, 1 << 16).Select(_ => (float)((random.NextDouble() - 0.5) * 0.3))];
        float[] scales = [.. Enumerable.Range(0, 1 << 8).Select(_ => (float)(random.NextDouble() * 0.002) + 1e-4f)];
        weights[0] = 2.5f * scales[0];
        weights[1] = -3.5f * scales[0];
        using Tensor w = tensor(weights, [scales.Length, 256, 1, 1]), s = tensor(scales, [scales.Length, 1, 1, 1]);
        using Tensor q = IntegerKernels.RoundClamped(w.div(s), IntegerKernels.Low, IntegerKernels.High);
        Assert.Equal(weights.Select((weight, i) => (float)Int8Arithmetic.QuantizeWeight(weight, scales[i / 256])), Floats(q));
    }

    [Theory]
    [InlineData("%img = input() : 1x3x4x4 scale=0.01", "the image's scale")]
    [InlineData("%img = input() : 1x3x4x4 scale=0.0078125\n%r = relu(%img) : 1x3x4x4 scale=0.1", "relu has no integer arithmetic")]
    [InlineData("%img = input() : 1x3x4x4 scale=0.0078125\n%r = upsample(%img) factor=2 : 1x3x8x8 scale=0.1", "keeps the scale of img")]
    [InlineData("%img = input() : 1x3x4x4 scale=0.0078125\n%r = upsample(%img) factor=2 : 1x3x8x8", "has no scale")]
    [InlineData("%img = input() : 1x3x4x4 scale=0.0078125\n%r = conv2d(%img) in=3 out=1 kernel=1 stride=1 padding=0 groups=1 : 1x1x4x4 scale=0.1", "has no weight scales")]
    public void A_graph_that_is_annotated_in_part_is_refused(string nodes, string problem)
    {
        string last = nodes.Contains("%r", StringComparison.Ordinal) ? "r" : "img";
        Graph graph = GraphParser.Parse($"graph g\n{nodes}\noutput y = %{last}\n");
        ArgumentException fault = Assert.Throws<ArgumentException>(() => new GraphModule(graph, ParameterSet.Initialize(graph, 1)));
        Assert.Contains(problem, fault.Message, StringComparison.Ordinal);
    }

    private static void Equal(GraphModule module, Tensor images, Dictionary<string, sbyte[]> expected)
    {
        foreach (Tensor output in module.ForwardTapped(images, (name, value) => Assert.True(expected[name].AsSpan().SequenceEqual(Integers(value)), $"{name} differs")))
        {
            output.Dispose();
        }
    }

    private static sbyte[] Integers(Tensor tensor) => [.. Floats(tensor).Select(value => checked((sbyte)value) == value ? (sbyte)value : throw new InvalidOperationException($"{value} is not an integer"))];

    private static float[] Floats(Tensor tensor)
    {
        using Tensor contiguous = tensor.detach().contiguous();
        return MemoryMarshal.Cast<byte, float>(contiguous.bytes).ToArray();
    }
}
