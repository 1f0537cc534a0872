using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs.Tests;

/// <summary>One refusal for each rule of the intermediate representation.</summary>
public class GraphVerifierTests
{
    private const string Good = """
        graph g
        %img = input() : 1x4x8x8
        %a = conv2d(%img) in=4 out=4 kernel=3 stride=1 padding=1 groups=1 : 1x4x8x8
        %b = conv2d(%a, %img) in=4 out=4 kernel=3 stride=1 padding=1 groups=4 residual=true : 1x4x8x8
        %n = batch_norm2d(%b) channels=4 eps=1E-05 momentum=0.1 : 1x4x8x8
        %s = add(%n, %a) : 1x4x8x8
        output o = %s

        """;

    [Fact]
    public void The_unchanged_graph_is_accepted() => Assert.Equal(Good, GraphParser.Parse(Good).ToString());

    [Theory]
    [InlineData("%img = input() : 1x4x8x8\n", "", "the first node must be the input")]
    [InlineData("%a = conv2d", "%j = input() : 1x4x8x8\n%a = conv2d", "j is a second input")]
    [InlineData("%n = batch_norm2d", "%a = batch_norm2d", "two nodes are named a")]
    [InlineData("%a = conv2d(%img)", "%a-1 = conv2d(%img)", "'a-1' is not a node name")]
    [InlineData("%a = conv2d(%img)", "% = conv2d(%img)", "'' is not a node name")]
    [InlineData("conv2d(%img)", "conv2d(%n)", "Node a reads n, which no earlier node produces")]
    [InlineData("conv2d(%img)", "conv2d(%a)", "Node a reads a, which no earlier node produces")]
    [InlineData("conv2d(%img)", "conv2d(%img, %img)", "conv2d takes 1 inputs; it has 2")]
    [InlineData("add(%n, %a)", "add(%n)", "add takes 2 inputs; it has 1")]
    [InlineData("groups=1 : 1x4x8x8", "groups=1 : 1x4x8x9", "Node a is declared as 1x4x8x9; its inputs give 1x4x8x8")]
    [InlineData("in=4 out=4 kernel=3 stride=1 padding=1 groups=1 : 1x4", "in=3 out=4 kernel=3 stride=1 padding=1 groups=1 : 1x4", "conv2d with 3 input channels reads 1x4x8x8")]
    [InlineData("groups=1 :", "groups=3 :", "3 groups do not divide")]
    [InlineData("groups=1 :", "groups=0 :", "0 groups do not divide")]
    [InlineData("kernel=3 stride=1 padding=1 groups=1", "kernel=11 stride=1 padding=1 groups=1", "does not fit in 1x4x8x8")]
    [InlineData("kernel=3 stride=1 padding=1 groups=1", "kernel=3 stride=0 padding=1 groups=1", "stride 0")]
    [InlineData("kernel=3 stride=1 padding=1 groups=1", "kernel=0 stride=1 padding=1 groups=1", "window of 0x0")]
    [InlineData("kernel=3 stride=1 padding=1 groups=1", "kernel=3 stride=1 padding=-1 groups=1", "padding -1")]
    [InlineData("in=4 out=4 kernel=3 stride=1 padding=1 groups=1", "in=4 out=0 kernel=3 stride=1 padding=1 groups=1", "0 output channels")]
    [InlineData("conv2d(%img) in=4 out=4 kernel=3 stride=1 padding=1 groups=1 : 1x4x8x8", "conv2d(%img) in=4 out=4 kernel=3 stride=2 padding=1 groups=1 : 1x4x4x4", "the residual has shape 1x4x8x8, the convolution 1x4x4x4")]
    [InlineData("channels=4", "channels=5", "batch_norm2d over 5 channels reads 1x4x8x8")]
    [InlineData("add(%n, %a)", "add(%n, %u)", "reads u")]
    [InlineData("groups=4 residual=true : 1x4x8x8", "groups=4 residual=true : 1x4x8x8 scale=1,2", "an activation has one scale; it has 2")]
    [InlineData("groups=4 residual=true : 1x4x8x8", "groups=4 residual=true : 1x4x8x8 requantization=shift", "the requantization shift is for convolutions with weight scales")]
    [InlineData("groups=4 residual=true : 1x4x8x8", "groups=4 residual=true : 1x4x8x8 weight_scale=1,2", "2 weight scales do not fit conv2d")]
    [InlineData("add(%n, %a) : 1x4x8x8", "add(%n, %a) : 1x4x8x8 weight_scale=1", "1 weight scales do not fit add")]
    [InlineData("output o = %s\n", "", "has no output")]
    [InlineData("output o = %s", "output o = %s\noutput o = %n", "two outputs are named o")]
    [InlineData("output o = %s", "output o = %t", "output o names t, which no node produces")]
    public void A_broken_rule_names_the_node(string old, string replacement, string reason)
    {
        string text = Good.Replace(old, replacement);
        Assert.NotEqual(Good, text);
        Assert.Contains(reason, Assert.Throws<GraphException>(() => GraphParser.Parse(text)).Message);
    }

    [Fact]
    public void Add_takes_equal_shapes()
    {
        var builder = new GraphBuilder("g");
        Value image = builder.Input("img", new TensorShape(1, 4, 8, 8));
        Value large = builder.Node("u", Upsample.Bilinear(2), image);
        Assert.Contains("add reads 1x4x16x16 and 1x4x8x8", Assert.Throws<GraphException>(() => builder.Node("s", new Add(), large, image)).Message);
    }

    [Fact]
    public void A_builder_refuses_a_second_node_of_one_name_and_a_graph_without_nodes()
    {
        var builder = new GraphBuilder("g");
        Value image = builder.Input("img", new TensorShape(1, 4, 8, 8));
        builder.Node("r", new Relu(), image);
        Assert.Contains("two nodes are named r", Assert.Throws<GraphException>(() => builder.Node("r", new Relu(), image)).Message);
        Assert.Throws<GraphException>(() => new GraphBuilder("empty").Build());
        Assert.Throws<GraphException>(() => new Graph("g", default, ImmutableArray<GraphOutput>.Empty));
    }

    [Fact]
    public void Scopes_make_paths_and_end_where_they_are_disposed()
    {
        var builder = new GraphBuilder("g");
        Value x = builder.Input("img", new TensorShape(1, 1, 4, 4));
        using (builder.Scope("a"))
        {
            using (builder.Scope("0"))
            {
                x = builder.Node("relu", new Relu(), x);
            }

            x = builder.Node("relu", new Relu(), x);
        }

        x = builder.Node("relu", new Relu(), x);
        builder.Output("o", x);
        Assert.Equal(["img", "a.0.relu", "a.relu", "relu"], builder.Build().Nodes.Select(node => node.Name));
    }
}
