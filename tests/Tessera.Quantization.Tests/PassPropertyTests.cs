using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Passes;
using Tessera.TestKit;

namespace Tessera.Quantization.Tests;

/// <summary>Every pass, and all of them in a row, keep the function of any graph or refuse it.</summary>
public class PassPropertyTests
{
    private const int Graphs = 600;

    public static TheoryData<string> Passes => [.. All.Keys];

    private static Dictionary<string, Func<Network, Network>> All { get; } = new()
    {
        ["fold"] = FoldBatchNorm.Pass.Run,
        ["relu"] = FuseRelu.Pass.Run,
        ["residual"] = FuseResidual.Pass.Run,
        ["fold, relu"] = network => GraphPass.RunAll(network, FoldBatchNorm.Pass, FuseRelu.Pass),
        ["residual, relu, fold"] = network => GraphPass.RunAll(network, FuseResidual.Pass, FuseRelu.Pass, FoldBatchNorm.Pass),
        ["prepare"] = QuantizationPreparation.Prepare,
    };

    [Theory]
    [MemberData(nameof(Passes))]
    public void A_pass_keeps_the_function_of_random_graphs(string pass)
    {
        int changed = 0, refused = 0;
        for (int seed = 0; seed < Graphs; seed++)
        {
            Network before = RandomGraphs.Network(seed);
            string text = GraphText.Print(before.Graph);
            ParameterSet values = Copy(before.Parameters);
            try
            {
                Network after = All[pass](before);
                changed += after.Graph.Nodes.Length < before.Graph.Nodes.Length ? 1 : 0;
                AssertSameFunction(before, after, seed);
            }
            catch (WorkException fault) when (pass == "prepare")
            {
                Assert.Contains("cannot be quantized: it reads n", fault.Message.Replace("reads img", "reads n"), StringComparison.Ordinal);
                refused++;
            }

            Assert.Equal(text, GraphText.Print(before.Graph));
            Assert.All(values, item => Assert.Equal(item.Value, before.Parameters[item.Key])); // a pass may not change its argument
        }

        Assert.InRange(changed, Graphs / 20, Graphs); // else the comparison would be empty
        Assert.InRange(refused, 0, Graphs * 19 / 20);
    }

    [Theory]
    [InlineData("%b = batch_norm2d(%a) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\n%c = batch_norm2d(%b) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\noutput out = %c", 0)]
    [InlineData("%b = batch_norm2d(%a) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\n%c = batch_norm2d(%b) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\n%d = conv2d(%b) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4\noutput out = %c\noutput other = %d", 1)]
    [InlineData("%b = batch_norm2d(%a) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\n%c = batch_norm2d(%b) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\n%d = batch_norm2d(%b) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\noutput out = %c\noutput other = %d", 2)]
    [InlineData("%b = batch_norm2d(%a) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\n%c = batch_norm2d(%b) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\noutput out = %c\noutput between = %b", 1)]
    [InlineData("%r = conv2d(%a) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x2x4x4\n%c = batch_norm2d(%r) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\noutput out = %c", 1)]
    [InlineData("%r = conv2d(%a, %img) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 residual=true : 1x2x4x4\n%c = batch_norm2d(%r) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\noutput out = %c", 1)]
    [InlineData("%c = batch_norm2d(%img) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4\n%s = add(%c, %a) : 1x2x4x4\noutput out = %s", 1)]
    public void Folding_leaves_the_norms_that_cannot_be_folded(string rest, int left)
    {
        Graph graph = GraphParser.Parse("graph g\n%img = input() : 1x2x4x4\n%a = conv2d(%img) in=2 out=2 kernel=3 stride=1 padding=1 groups=1 : 1x2x4x4\n" + rest);
        var network = new Network(graph, ParameterSet.InitializeAsTrained(graph, 11));
        Network folded = FoldBatchNorm.Pass.Run(network);
        Assert.Equal(left, folded.Graph.Nodes.Count(node => node.Op is BatchNorm2d));
        AssertSameFunction(network, folded, 0);
        if (left > 0)
        {
            WorkException fault = Assert.Throws<WorkException>(() => QuantizationPreparation.Prepare(network));
            Assert.StartsWith("Node c (batch_norm2d) cannot be quantized: it reads ", fault.Message);
        }
    }

    [Fact]
    public void Preparation_names_the_other_readers()
    {
        Graph graph = GraphParser.Parse("""
            graph g
            %img = input() : 1x2x4x4
            %a = conv2d(%img) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
            %b = batch_norm2d(%a) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4
            %c = conv2d(%a) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
            output out = %b
            output other = %c
            output third = %a
            """);
        WorkException fault = Assert.Throws<WorkException>(() => QuantizationPreparation.PrepareGraph(graph));
        Assert.Equal(
            "Node b (batch_norm2d) cannot be quantized: it reads a (conv2d, which c, the output third needs too), and cannot become a part of that. Change the model so that each batch_norm2d follows a convolution whose result nothing else reads.",
            fault.Message);
    }

    [Fact]
    public void A_norm_whose_statistics_are_no_numbers_is_not_folded()
    {
        Graph graph = GraphParser.Parse("""
            graph g
            %img = input() : 1x2x4x4
            %a = conv2d(%img) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
            %b = batch_norm2d(%a) channels=2 eps=1E-05 momentum=0.1 : 1x2x4x4
            output out = %b
            """);
        ParameterSet parameters = ParameterSet.Initialize(graph, 0);
        parameters["b.running_var"][1] = -1;
        WorkException fault = Assert.Throws<WorkException>(() => FoldBatchNorm.Pass.Run(new Network(graph, parameters)));
        Assert.Contains("Node b, channel 1: a batch norm with mean 0, variance -1,", fault.Message);
    }

    private static ParameterSet Copy(ParameterSet parameters)
    {
        var copy = new ParameterSet();
        foreach ((string name, float[] values) in parameters)
        {
            copy[name] = [.. values];
        }

        return copy;
    }

    private static void AssertSameFunction(Network before, Network after, int seed)
    {
        var random = new Random(seed);
        double[] image = [.. Enumerable.Range(0, (int)before.Graph.Input.Output.Shape.Count).Select(_ => (2 * random.NextDouble()) - 1)];
        Dictionary<string, double[]> expected = FloatEvaluator.Run(before, image), actual = FloatEvaluator.Run(after, image);
        double largest = expected.Values.Max(values => values.Max(Math.Abs));
        Assert.Equal(before.Graph.Outputs.Select(output => output.Name), after.Graph.Outputs.Select(output => output.Name));
        foreach ((GraphOutput left, GraphOutput right) in before.Graph.Outputs.Zip(after.Graph.Outputs))
        {
            // Each fold rounds weights and biases to float32 (relative 6e-8); a dozen nodes stay far below 1e-5 of the largest value on the way.
            double difference = expected[left.Value].Zip(actual[right.Value], (a, b) => Math.Abs(a - b)).Max();
            Assert.True(difference <= 1e-5 * largest, $"seed {seed}, output {left.Name}: {difference} of {largest}\n{before.Graph}\n{after.Graph}");
        }
    }
}
