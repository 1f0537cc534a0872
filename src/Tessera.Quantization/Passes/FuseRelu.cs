using Tessera.Graphs;

namespace Tessera.Quantization.Passes;

/// <summary>Makes a ReLU that alone reads a convolution part of it, so that one requantization ends the pair.</summary>
public static class FuseRelu
{
    /// <summary>The pass.</summary>
    public static GraphPass Pass { get; } = new("fuse-relu", network => network with { Graph = Run(network.Graph) });

    private static Graph Run(Graph graph)
    {
        HashSet<string> fused = [.. graph.Nodes
            .Where(node => node.Op is Relu && FusionRule.IsBareConvolution(graph, node.Inputs[0]))
            .Select(node => node.Inputs[0])];
        return graph.Rewrite((node, substitutions) =>
        {
            if (node.Op is Conv2d conv && fused.Contains(node.Name))
            {
                return node with { Op = conv with { Relu = true } };
            }

            // Also a ReLU behind the fused one: a second changes nothing.
            if (node.Op is Relu && fused.Contains(node.Inputs[0]))
            {
                substitutions[node.Name] = node.Inputs[0];
                return null;
            }

            return node;
        });
    }
}
