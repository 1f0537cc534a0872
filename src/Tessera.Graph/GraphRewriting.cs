using System.Collections.Immutable;

namespace Tessera.Graphs;

/// <summary>General rewrites. Each returns a new, verified graph.</summary>
public static class GraphRewriting
{
    /// <summary>Keeps some outputs and drops every node that they do not need.</summary>
    /// <exception cref="GraphException">The graph has no output of such a name.</exception>
    public static Graph KeepOutputs(this Graph graph, params ReadOnlySpan<string> names)
    {
        ImmutableArray<GraphOutput>.Builder kept = ImmutableArray.CreateBuilder<GraphOutput>(names.Length);
        foreach (string name in names)
        {
            kept.Add(graph.Outputs.FirstOrDefault(output => output.Name == name)
                ?? throw new GraphException($"Graph {graph.Name} has no output {name}; it has {string.Join(", ", graph.Outputs.Select(output => output.Name))}."));
        }

        return DropDeadNodes(graph.Name, graph.Nodes, kept.MoveToImmutable());
    }

    /// <summary>Replaces output <paramref name="output"/> by an operation on its value.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">The output to replace.</param>
    /// <param name="nodeName">The new node's name.</param>
    /// <param name="op">The operation, of one input.</param>
    /// <param name="outputName">The new output's name.</param>
    public static Graph AppendToOutput(this Graph graph, string output, string nodeName, Op op, string outputName)
    {
        GraphOutput old = graph.Outputs.Single(candidate => candidate.Name == output);
        Value input = graph.ValueOf(old.Value);
        var node = new Node(op, [input.Name], new Value(nodeName, op.OutputShape(nodeName, [input.Shape])));
        return new Graph(graph.Name, graph.Nodes.Add(node), graph.Outputs.Replace(old, new GraphOutput(outputName, nodeName)));
    }

    /// <summary>
    /// Visits the nodes in order. The visitor returns the node to keep, or null to drop it; a dropped node's readers
    /// read the value that the visitor put into the substitutions.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visit">Gets a node whose inputs are already substituted, and the substitutions (old value name → new).</param>
    public static Graph Rewrite(this Graph graph, Func<Node, Dictionary<string, string>, Node?> visit)
    {
        var substitutions = new Dictionary<string, string>();
        ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
        foreach (Node node in graph.Nodes)
        {
            Node current = node with { Inputs = [.. node.Inputs.Select(Substituted)] };
            if (visit(current, substitutions) is { } kept)
            {
                nodes.Add(kept);
            }
        }

        return DropDeadNodes(graph.Name, nodes.ToImmutable(), [.. graph.Outputs.Select(output => output with { Value = Substituted(output.Value) })]);

        string Substituted(string name)
        {
            while (substitutions.TryGetValue(name, out string? next))
            {
                name = next;
            }

            return name;
        }
    }

    private static Graph DropDeadNodes(string name, ImmutableArray<Node> nodes, ImmutableArray<GraphOutput> outputs)
    {
        var needed = outputs.Select(output => output.Value).ToHashSet();
        for (int i = nodes.Length - 1; i >= 0; i--)
        {
            if (needed.Contains(nodes[i].Name))
            {
                needed.UnionWith(nodes[i].Inputs);
            }
        }

        return new Graph(name, [.. nodes.Where(node => node.Op is Input || needed.Contains(node.Name))], outputs);
    }
}
