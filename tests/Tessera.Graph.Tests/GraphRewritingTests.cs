using Tessera.Core;

namespace Tessera.Graphs.Tests;

public class GraphRewritingTests
{
    private const string Text = """
        graph g
        %img = input() : 1x4x8x8
        %a = relu(%img) : 1x4x8x8
        %b = relu(%a) : 1x4x8x8
        %c = relu(%b) : 1x4x8x8
        %d = add(%c, %a) : 1x4x8x8
        %u = upsample(%b) factor=2 : 1x4x16x16
        output fine = %u
        output coarse = %d

        """;

    private static readonly Graph Whole = GraphParser.Parse(Text);

    [Fact]
    public void Keeping_an_output_drops_what_only_others_need()
    {
        Assert.Equal(["img", "a", "b", "u"], Whole.KeepOutputs("fine").Nodes.Select(node => node.Name));
        Assert.Equal(["img", "a", "b", "c", "d"], Whole.KeepOutputs("coarse").Nodes.Select(node => node.Name));
        Assert.Equal(["coarse", "fine"], Whole.KeepOutputs("coarse", "fine").Outputs.Select(output => output.Name));
        Assert.Equal(Text, Whole.ToString());
    }

    [Fact]
    public void Keeping_an_output_that_does_not_exist_lists_those_that_do()
    {
        GraphException fault = Assert.Throws<GraphException>(() => Whole.KeepOutputs("stride4"));
        Assert.Contains("has no output stride4; it has fine, coarse", fault.Message);
    }

    [Fact]
    public void An_operation_is_appended_to_an_output_in_its_place()
    {
        Graph graph = Whole.AppendToOutput("fine", "map", new ArgMax(), "class_map");
        Assert.Equal([("class_map", "map"), ("coarse", "d")], graph.Outputs.Select(output => (output.Name, output.Value)));
        Assert.Equal(new TensorShape(1, 1, 16, 16), graph.ValueOf("map").Shape);
    }

    [Fact]
    public void A_dropped_nodes_readers_and_outputs_read_its_substitute()
    {
        Graph graph = Whole.Rewrite((node, substitutions) =>
        {
            if (node.Name is "b" or "c" or "u")
            {
                substitutions[node.Name] = node.Inputs[0];
                return null;
            }

            return node;
        });
        Assert.Equal("""
            graph g
            %img = input() : 1x4x8x8
            %a = relu(%img) : 1x4x8x8
            %d = add(%a, %a) : 1x4x8x8
            output fine = %a
            output coarse = %d

            """, graph.ToString());
    }

    [Fact]
    public void A_rewrite_drops_nodes_that_nothing_reads_any_more()
    {
        Graph graph = Whole.Rewrite((node, _) => node.Name == "d" ? node with { Inputs = ["a", "a"] } : node);
        Assert.False(graph.TryFind("c", out _));
    }

    [Fact]
    public void A_rewrite_that_breaks_the_graph_is_refused() =>
        Assert.Throws<GraphException>(() => Whole.Rewrite((node, _) => node.Name == "b" ? null : node));

    [Fact]
    public void Passes_run_in_order_and_leave_their_argument_alone()
    {
        var keep = new GraphPass("keep", network => network with { Graph = network.Graph.KeepOutputs("fine") });
        var append = new GraphPass("append", network => network with { Graph = network.Graph.AppendToOutput("fine", "map", new ArgMax(), "class_map") });
        var start = new Network(Whole, new ParameterSet());
        Network result = GraphPass.RunAll(start, keep, append);
        Assert.Equal("class_map", Assert.Single(result.Graph.Outputs).Name);
        Assert.Same(Whole, start.Graph);
    }

    [Fact]
    public void Another_input_shape_reaches_every_node()
    {
        Graph graph = Whole.WithInputShape(new TensorShape(3, 4, 10, 6));
        Assert.Equal(new TensorShape(3, 4, 10, 6), graph.ValueOf("d").Shape);
        Assert.Equal(new TensorShape(3, 4, 20, 12), graph.ValueOf("u").Shape);
        Assert.Equal(Text, graph.WithInputShape(new TensorShape(1, 4, 8, 8)).ToString());
    }

    [Fact]
    public void Uses_are_counted_by_reader_and_output()
    {
        Assert.Equal(2, Whole.UseCount("a"));
        Assert.Equal(2, Whole.UseCount("b"));
        Assert.Equal(1, Whole.UseCount("u"));
        Assert.Equal(0, Whole.UseCount("nothing"));
        Assert.Throws<GraphException>(() => Whole["nothing"]);
    }
}
