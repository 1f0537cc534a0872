using System.Runtime.InteropServices;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;
using Tessera.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class GraphModuleTests
{
    // float32 against float64 over 80 layers: relative to the largest value of a tensor, errors of 1e-6 are usual; 2e-5 leaves room.
    private const double Tolerance = 2e-5;

    public GraphModuleTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void Every_value_equals_that_of_plain_loops_in_eval_mode(int seed, bool prepared)
    {
        Network network = RandomNetworks.Training(64, 64, (ulong)seed);
        network = prepared ? QuantizationPreparation.Prepare(network) : network;
        Graph graph = network.Graph;
        using Tensor images = TestNetworks.Images(1, 64, 64, seed);
        Dictionary<string, double[]> expected = FloatEvaluator.Run(network, [.. Floats(images).Select(value => (double)value)]);
        using var module = new GraphModule(graph, network.Parameters);
        module.eval();
        int seen = 0;
        foreach (Tensor output in module.ForwardTapped(images, (name, value) =>
        {
            Near(expected[name], Floats(value), name);
            seen++;
        }))
        {
            output.Dispose();
        }

        Assert.Equal(graph.Nodes.Length, seen);
    }

    [Fact]
    public void Outputs_without_a_tap_are_those_with_one()
    {
        Graph graph = RandomNetworks.Training(64, 128, 1).Graph;
        using var module = new GraphModule(graph, RandomNetworks.Training(64, 64, 3).Parameters);
        module.eval();
        using Tensor images = TestNetworks.Images(2, 64, 128, 3);
        Tensor[] plain = module.Forward(images), tapped = module.ForwardTapped(images, (_, _) => { });
        Assert.Equal(5, plain.Length);
        foreach ((Tensor a, Tensor b) in plain.Zip(tapped))
        {
            Assert.Equal(Floats(a), Floats(b));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_value_that_another_node_has_read_is_not_written_over_before_its_gradient(bool reluLast)
    {
        // A residual block with a linear input: the convolution's gradient needs what the sum, or the ReLU, reads last.
        var builder = new GraphBuilder("residual");
        Value image = builder.Input("img", new Tessera.Core.TensorShape(1, 3, 4, 4));
        Value shared = builder.Node("norm", new BatchNorm2d(3, 1e-5f, 0.1f), builder.Node("stem", new Conv2d(3, 3, Tessera.Core.ConvGeometry.Square(1)), image));
        Value branch = builder.Node("branch", new Conv2d(3, 3, Tessera.Core.ConvGeometry.Square(3, 1, 1)), shared);
        builder.Output("end", builder.Node("sum", new Add(), reluLast ? builder.Node("relu", new Relu(), shared) : shared, branch));
        Graph graph = builder.Build();
        float[][] gradients = [.. new[] { false, true }.Select(isTapped =>
        {
            using var module = new GraphModule(graph, ParameterSet.InitializeAsTrained(graph, 1));
            module.train();
            using Tensor images = TestNetworks.Images(2, 4, 4, 5);
            using Tensor end = (isTapped ? module.ForwardTapped(images, (_, _) => { }) : module.Forward(images)).Single();
            using Tensor loss = end.square().sum();
            loss.backward();
            return Floats(module.TrainedParameters.Single(parameter => parameter.Name == "branch.weight").Tensor.grad!);
        })];
        Assert.Equal(gradients[1], gradients[0]);
    }

    [Fact]
    public void Training_updates_running_statistics_as_PyTorch_does()
    {
        Graph graph = GraphParser.Parse(
            """
            graph one
            %img = input() : 2x3x2x2
            %bn = batch_norm2d(%img) channels=3 eps=1E-05 momentum=0.1 : 2x3x2x2
            output y = %bn
            """);
        using var module = new GraphModule(graph, ParameterSet.Initialize(graph, 1));
        module.train();
        using Tensor images = TestNetworks.Images(2, 2, 2, 4);
        module.Forward(images)[0].Dispose();
        ParameterSet after = module.ToParameterSet();
        float[] x = Floats(images);
        for (int c = 0; c < 3; c++)
        {
            double[] channel = [.. Enumerable.Range(0, 24).Where(i => i / 4 % 3 == c).Select(i => (double)x[i])];
            double mean = channel.Average(), unbiased = channel.Sum(value => (value - mean) * (value - mean)) / 7;
            Assert.Equal(0.1 * mean, after["bn.running_mean"][c], 1e-6); // float32 rounding
            Assert.Equal(0.9 + (0.1 * unbiased), after["bn.running_var"][c], 1e-6);
        }
    }

    [Fact]
    public void Eval_mode_leaves_the_running_statistics_alone()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        ParameterSet before = RandomNetworks.Training(64, 64, 5).Parameters;
        using var module = new GraphModule(graph, before);
        module.eval();
        using Tensor images = TestNetworks.Images(1, 64, 64, 5);
        foreach (Tensor output in module.Forward(images))
        {
            output.Dispose();
        }

        Assert.All(module.ToParameterSet(), item => Assert.Equal(before[item.Key], item.Value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_with_overwriting_equal_those_without(bool prepared)
    {
        Network network = RandomNetworks.Training(128, 128, 6);
        network = prepared ? QuantizationPreparation.Prepare(network) : network;
        using Tensor images = TestNetworks.Images(2, 128, 128, 6);
        Dictionary<string, float[]> plain = Gradients(module => module.Forward(images)), tapped = Gradients(module => module.ForwardTapped(images, (_, _) => { }));
        Assert.Equal(prepared ? 140 : 280, plain.Count);
        foreach ((string name, float[] gradient) in plain)
        {
            // Equal but for the order of sums, which may differ with the alignment of the memory; a bias before a batch norm has noise only.
            double range = plain[$"{name[..name.LastIndexOf('.')]}.weight"].Concat(gradient).Max(MathF.Abs);
            double worst = gradient.Zip(tapped[name], (a, b) => Math.Abs((double)a - b)).Max();
            Assert.True(worst <= 1e-4 * range, $"{name}: differs by {worst} at a range of {range}");
        }

        Dictionary<string, float[]> Gradients(Func<GraphModule, Tensor[]> forward)
        {
            using DisposeScope scope = NewDisposeScope();
            using var module = new GraphModule(network.Graph, network.Parameters);
            module.train();
            Tensor sum = forward(module).Select((output, i) => (output * output * (i + 1)).mean()).Aggregate((a, b) => a + b);
            sum.backward();
            return module.TrainedParameters.ToDictionary(item => item.Name, item => Floats(item.Tensor.grad!));
        }
    }

    [Fact]
    public void A_deploy_graph_shares_the_parameters_of_its_owner()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        using var module = new GraphModule(graph, RandomNetworks.Training(64, 64, 7).Parameters);
        using var deploy = new GraphModule(DeployGraph.Of(graph), module);
        module.Load(RandomNetworks.Training(64, 64, 8).Parameters);
        module.eval();
        deploy.eval();
        using Tensor images = TestNetworks.Images(1, 64, 64, 7);
        using Tensor map = deploy.Forward(images).Single();
        using Tensor expected = module.Forward(images)[0].argmax(1, keepdim: true);
        Assert.Equal([1, 1, 16, 16], map.shape);
        Assert.Equal(ScalarType.Int64, map.dtype);
        Assert.Equal(expected.data<long>().ToArray(), map.data<long>().ToArray());
    }

    [Fact]
    public void Parameters_are_registered_under_the_names_of_the_graph()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        ParameterSet parameters = RandomNetworks.Training(64, 64, 9).Parameters;
        using var module = new GraphModule(graph, parameters);
        Assert.Equal(graph.Parameters.Where(parameter => parameter.IsTrained).Select(parameter => parameter.Name), module.named_parameters().Select(item => item.name));
        Assert.Equal(140, module.named_buffers().Count());
        Assert.Equal(280, module.TrainedParameters.Count());
        Assert.All(module.ToParameterSet(), item => Assert.Equal(parameters[item.Key], item.Value));
    }

    [Fact]
    public void Images_of_another_kind_are_refused()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        using var module = new GraphModule(graph, RandomNetworks.Training(64, 64, 10).Parameters);
        using Tensor doubles = zeros(1, 3, 64, 64, ScalarType.Float64);
        using Tensor grey = zeros(1, 1, 64, 64);
        Assert.Throws<ArgumentException>(() => module.Forward(doubles));
        Assert.Throws<ArgumentException>(() => module.Forward(grey));
    }

    [Fact]
    public void Parameters_of_another_network_are_refused()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        ParameterSet parameters = RandomNetworks.Training(64, 64, 11).Parameters;
        parameters["head.stride4.0.bias"] = [1];
        ArgumentException fault = Assert.Throws<ArgumentException>(() => new GraphModule(graph, parameters));
        Assert.Contains("head.stride4.0.bias needs 19 values; received 1", fault.Message, StringComparison.Ordinal);
    }

    private static void Near(double[] expected, float[] actual, string name)
    {
        double range = expected.Max(Math.Abs), worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= Tolerance * range, $"{name}: differs by {worst} at a range of {range}");
    }

    private static float[] Floats(Tensor tensor)
    {
        using Tensor contiguous = tensor.detach().contiguous();
        return MemoryMarshal.Cast<byte, float>(contiguous.bytes).ToArray();
    }
}
