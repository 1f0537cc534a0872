using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Passes;

/// <summary>Makes a ReLU that alone reads a convolution part of it, so that one requantization ends the pair.</summary>
public static class FuseRelu
{
    /// <summary>The pass.</summary>
    public static GraphPass Pass { get; } = new("fuse-relu", network => network with { Graph = Run(network.Graph) });

    private static Graph Run(Graph graph)
    {
        Dictionary<string, Activation> activations = graph.Nodes
            .Where(node => node.Op is Relu && FusionRule.IsBareConvolution(graph, node.Inputs[0]))
            .ToDictionary(node => node.Inputs[0], node => ((Relu)node.Op).Activation);
        return graph.Rewrite((node, substitutions) =>
        {
            if (node.Op is Conv2d conv && activations.ContainsKey(node.Name))
            {
                return node with { Op = conv with { Activation = activations[node.Name] } };
            }

            if (node.Op is Relu && activations.ContainsKey(node.Inputs[0]))
            {
                substitutions[node.Name] = node.Inputs[0];
                return null;
            }

            return node;
        });
    }
}
