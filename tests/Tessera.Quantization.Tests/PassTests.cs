using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Passes;
using Tessera.TestKit;

namespace Tessera.Quantization.Tests;

public class PassTests
{
    private const string Residual = """
        graph small
        %img = input() : 1x2x4x4
        %a = conv2d(%img) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
        %an = batch_norm2d(%a) channels=2 eps=2E-05 momentum=0.1 : 1x2x4x4
        %ar = relu(%an) : 1x2x4x4
        %b = conv2d(%ar) in=2 out=2 kernel=3 stride=1 padding=1 groups=2 : 1x2x4x4
        %bn = batch_norm2d(%b) channels=2 eps=2E-05 momentum=0.1 : 1x2x4x4
        %s = add(%bn, %ar) : 1x2x4x4
        %sr = relu(%s) : 1x2x4x4
        %up = upsample(%sr) factor=2 : 1x2x8x8
        output out = %up

        """;

    private static Network Small() => With(GraphParser.Parse(Residual));

    private static Network With(Graph graph)
    {
        ParameterSet parameters = ParameterSet.Initialize(graph, 3);
        foreach (Parameter parameter in graph.Parameters.Where(parameter => parameter.Role is ParameterRole.RunningMean or ParameterRole.Beta))
        {
            Array.Fill(parameters[parameter.Name], 0.125f);
        }

        return new Network(graph, parameters);
    }

    [Fact]
    public void Folding_removes_every_batch_norm_and_its_parameters()
    {
        Network folded = FoldBatchNorm.Pass.Run(Small());
        Assert.Equal("""
            graph small
            %img = input() : 1x2x4x4
            %a = conv2d(%img) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
            %ar = relu(%a) : 1x2x4x4
            %b = conv2d(%ar) in=2 out=2 kernel=3 stride=1 padding=1 groups=2 : 1x2x4x4
            %s = add(%b, %ar) : 1x2x4x4
            %sr = relu(%s) : 1x2x4x4
            %up = upsample(%sr) factor=2 : 1x2x8x8
            output out = %up

            """, GraphText.Print(folded.Graph));
        Assert.Equal(["a.weight", "a.bias", "b.weight", "b.bias"], folded.Parameters.Select(item => item.Key));
    }

    [Fact]
    public void Preparing_leaves_convolutions_with_relu_and_residual()
    {
        Assert.Equal("""
            graph small
            %img = input() : 1x2x4x4
            %a = conv2d(%img) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x2x4x4
            %b = conv2d(%a, %a) in=2 out=2 kernel=3 stride=1 padding=1 groups=2 residual=true relu=true : 1x2x4x4
            %up = upsample(%b) factor=2 : 1x2x8x8
            output out = %up

            """, GraphText.Print(QuantizationPreparation.Prepare(Small()).Graph));
    }

    [Fact]
    public void An_addition_without_relu_is_fused_and_either_operand_may_be_the_convolution()
    {
        Graph graph = GraphParser.Parse("""
            graph small
            %img = input() : 1x2x4x4
            %up = upsample(%img) factor=2 : 1x2x8x8
            %a = conv2d(%up) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x8x8
            %s = add(%up, %a) : 1x2x8x8
            output out = %s

            """);
        Assert.Equal("""
            graph small
            %img = input() : 1x2x4x4
            %up = upsample(%img) factor=2 : 1x2x8x8
            %a = conv2d(%up, %up) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 residual=true : 1x2x8x8
            output out = %a

            """, GraphText.Print(QuantizationPreparation.Prepare(With(graph)).Graph));
    }

    [Fact]
    public void A_convolution_that_two_nodes_read_is_not_fused()
    {
        Graph graph = GraphParser.Parse("""
            graph small
            %img = input() : 1x2x4x4
            %a = conv2d(%img) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
            %r = relu(%a) : 1x2x4x4
            %b = conv2d(%a) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
            output out = %r
            output other = %b

            """);
        WorkException fault = Assert.Throws<WorkException>(() => QuantizationPreparation.Prepare(With(graph)));
        Assert.Contains("Node r (relu)", fault.Message);
    }

    [Fact]
    public void Preparing_the_real_network_keeps_its_function()
    {
        Network network = RandomNetworks.Training(64, 128, seed: 5);
        Network prepared = QuantizationPreparation.Prepare(network);
        Assert.Equal(70, prepared.Graph.Nodes.Count(node => node.Op is Conv2d));
        Assert.Equal(4, prepared.Graph.Nodes.Count(node => node.Op is Conv2d { Residual: true, Activation.IsRelu: true }));
        Assert.Equal(4, prepared.Graph.Nodes.Count(node => node.Op is Upsample));
        Assert.Equal(75, prepared.Graph.Nodes.Length);

        double[] image = RandomNetworks.Normalized(RandomNetworks.Image(64, 128, 1));
        Dictionary<string, double[]> expected = FloatEvaluator.Run(network, image), actual = FloatEvaluator.Run(prepared, image);
        for (int i = 0; i < network.Graph.Outputs.Length; i++)
        {
            double[] before = expected[network.Graph.Outputs[i].Value], after = actual[prepared.Graph.Outputs[i].Value];
            double range = before.Max() - before.Min();

            // Folded weights are rounded to float32 once (relative 6e-8); some 30 layers in sequence stay below 1e-5 of the range.
            Assert.True(before.Zip(after, (a, b) => Math.Abs(a - b)).Max() <= 1e-5 * range);
            Assert.True(range > 0.1, "the comparison would be empty");
        }
    }
}
