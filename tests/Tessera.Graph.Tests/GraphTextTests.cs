using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.TestKit;

namespace Tessera.Graphs.Tests;

public class GraphTextTests
{
    private const string Annotated = """
        graph tiny
        %img = input() : 2x3x8x8 scale=0.0078125
        %a = conv2d(%img) in=3 out=2 kernel=3 stride=2 padding=1 groups=1 relu=true init_std=0.01 : 2x2x4x4 scale=0.1 weight_scale=0.003,1E-07
        %b = conv2d(%a, %a) in=2 out=2 kernel=1x3 stride=1 padding=0x2 dilation=1x2 groups=2 residual=true relu=true high=6 : 2x2x4x4
        %n = batch_norm2d(%b) channels=2 eps=2E-05 momentum=0.1 : 2x2x4x4
        %s = add(%n, %a) : 2x2x4x4
        %r = relu(%s) : 2x2x4x4
        %u = upsample(%r) factor=2 : 2x2x8x8
        %m = argmax(%u) : 2x1x8x8
        output class_map = %m
        output features = %u

        """;

    [Fact]
    public void Every_operation_and_annotation_prints_and_parses_back()
    {
        Assert.Equal(Annotated, GraphText.Print(GraphParser.Parse(Annotated)));
        Assert.Equal(Annotated, GraphParser.Parse(Annotated.Replace("\n", "\r\n\r\n")).ToString());
    }

    [Fact]
    public void The_real_network_prints_and_parses_back_in_training_and_deploy_form()
    {
        Graph training = RandomNetworks.HatOptions().TrainingGraph(new TensorShape(4, 3, 1024, 2048));
        foreach (Graph graph in (Graph[])[training, DeployGraph.Of(training)])
        {
            string text = GraphText.Print(graph);
            Graph parsed = GraphParser.Parse(text);
            Assert.Equal(text, GraphText.Print(parsed));
            Assert.Equal(graph.Nodes.Select(node => node.Op), parsed.Nodes.Select(node => node.Op));
            Assert.Equal(graph.Outputs.AsEnumerable(), parsed.Outputs);
            Assert.Equal(graph.Parameters.Select(parameter => parameter.Name), parsed.Parameters.Select(parameter => parameter.Name));
        }
    }

    [Theory]
    [InlineData("graph tiny\n", "", "no line 'graph")]
    [InlineData("%a = conv2d(%img)", "%a conv2d(%img)", "Line 3")]
    [InlineData("conv2d(%img)", "convolve(%img)", "'convolve' is not an operation")]
    [InlineData("conv2d(%img)", "conv2d(img)", "'img' is not a value")]
    [InlineData("in=3 ", "", "attribute 'in' is missing")]
    [InlineData("in=3 ", "in=three ", "'three' is not a number")]
    [InlineData("in=3 ", "in=3 in=3 ", "'in' occurs twice")]
    [InlineData("in=3 ", "in=3 bias=2 ", "has no attribute 'bias'")]
    [InlineData("kernel=3", "kernel=3x3x3", "3x3x3")]
    [InlineData(" : 2x3x8x8", " : 2x3x8", "'2x3x8' is not a shape")]
    [InlineData(" : 2x3x8x8", "", "':' is missing")]
    [InlineData("relu=true", "relu", "'=' is missing")]
    [InlineData("output class_map = %m", "output class_map %m", "'=' is missing")]
    [InlineData("output class_map = %m", "output class_map = m", "'m' is not a value")]
    [InlineData("weight_scale=0.003,1E-07", "weight_scale=0.003,1E-07 requantization=half", "'half' is no requantization")]
    [InlineData("weight_scale=0.003,1E-07", "weight_scale=0.003", "1 weight scales do not fit")]
    [InlineData("scale=0.0078125", "scale=-1", "scale")]
    [InlineData("scale=0.0078125", "zero_point=3", "zero_point")]
    [InlineData("relu=true", "relu=yes", "'yes'")]
    public void Text_that_is_no_graph_names_its_line_and_fault(string old, string replacement, string reason)
    {
        string text = Annotated.Replace(old, replacement);
        Assert.NotEqual(Annotated, text);
        GraphException fault = Assert.Throws<GraphException>(() => GraphParser.Parse(text));
        Assert.Contains(reason, fault.Message);
    }
}
