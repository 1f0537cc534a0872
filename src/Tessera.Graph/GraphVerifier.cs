using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>Holds the rules of the intermediate representation; it runs whenever a graph is made, hence after every pass.</summary>
internal static class GraphVerifier
{
    /// <summary>Checks the graph and returns its nodes by name.</summary>
    /// <exception cref="GraphException">A rule is broken; the message names the node.</exception>
    public static Dictionary<string, Node> Verify(Graph graph)
    {
        if (graph.Nodes.IsDefaultOrEmpty || graph.Nodes[0].Op is not Input)
        {
            throw new GraphException($"Graph {graph.Name}: the first node must be the input.");
        }

        var byName = new Dictionary<string, Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            VerifyNode(graph, node, byName);
            if (!byName.TryAdd(node.Name, node))
            {
                throw new GraphException($"Graph {graph.Name}: two nodes are named {node.Name}.");
            }
        }

        VerifyOutputs(graph, byName);
        return byName;
    }

    private static void VerifyNode(Graph graph, Node node, Dictionary<string, Node> earlier)
    {
        if (node.Name.Length == 0 || node.Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_')))
        {
            throw new GraphException($"Graph {graph.Name}: '{node.Name}' is not a node name; letters, digits, '.' and '_' make one.");
        }

        if (node.Op is Input)
        {
            if (earlier.Count > 0)
            {
                throw new GraphException($"Graph {graph.Name}: {node.Name} is a second input; a graph has one.");
            }

            if (node.Output.Shape is not { N: >= 1, C: >= 1, H: >= 1, W: >= 1 })
            {
                throw new GraphException($"Node {node.Name}: an input of {node.Output.Shape} is impossible; every size is at least 1.");
            }
        }
        else
        {
            foreach (string input in node.Inputs)
            {
                if (!earlier.ContainsKey(input))
                {
                    throw new GraphException($"Node {node.Name} reads {input}, which no earlier node produces.");
                }
            }

            TensorShape expected = node.Op.OutputShape(node.Name, [.. node.Inputs.Select(input => earlier[input].Output.Shape)]);
            if (node.Output.Shape != expected)
            {
                throw new GraphException($"Node {node.Name} is declared as {node.Output.Shape}; its inputs give {expected}.");
            }
        }

        if (node.Output.Quant is { Scales.Length: > 1 })
        {
            throw new GraphException($"Node {node.Name}: an activation has one scale; it has {node.Output.Quant.Scales.Length}.");
        }

        if (node.WeightQuant is { } weight && (node.Op is not Conv2d conv || weight.Scales.Length != conv.OutChannels))
        {
            throw new GraphException($"Node {node.Name}: {weight.Scales.Length} weight scales do not fit {node.Op.Mnemonic}; a convolution has one per output channel.");
        }

        if (node.Requantization != Requantization.Float32 && node.WeightQuant is null)
        {
            throw new GraphException($"Node {node.Name}: the requantization {node.Requantization.Name} is for convolutions with weight scales.");
        }
    }

    private static void VerifyOutputs(Graph graph, Dictionary<string, Node> nodes)
    {
        if (graph.Outputs.IsDefaultOrEmpty)
        {
            throw new GraphException($"Graph {graph.Name} has no output.");
        }

        var names = new HashSet<string>();
        foreach (GraphOutput output in graph.Outputs)
        {
            if (!names.Add(output.Name))
            {
                throw new GraphException($"Graph {graph.Name}: two outputs are named {output.Name}.");
            }

            if (!nodes.ContainsKey(output.Value))
            {
                throw new GraphException($"Graph {graph.Name}: output {output.Name} names {output.Value}, which no node produces.");
            }
        }
    }
}
