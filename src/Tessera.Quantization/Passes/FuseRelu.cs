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
            .ToDictionary(node => node.Inputs[0], node => Activation(graph, node));
        return graph.Rewrite((node, substitutions) =>
        {
            if (node.Op is Conv2d conv && activations.ContainsKey(node.Name))
            {
                return node with { Op = conv with { Activation = activations[node.Name] } };
            }

            // Also a ReLU behind the fused one, where it changes nothing any more.
            if (node.Op is Relu relu && activations.TryGetValue(node.Inputs[0], out Activation fused) && (relu.High is null || fused.High <= relu.High))
            {
                substitutions[node.Name] = node.Inputs[0];
                return null;
            }

            return node;
        });
    }

    /// <summary>A ReLU and those behind it of which each alone reads the one before: together they end at the lowest of their upper ends.</summary>
    private static Activation Activation(Graph graph, Node relu)
    {
        Activation own = ((Relu)relu.Op).Activation;
        if (graph.UseCount(relu.Name) != 1 || graph.Nodes.FirstOrDefault(node => node.Op is Relu && node.Inputs[0] == relu.Name) is not { } next)
        {
            return own;
        }

        Activation behind = Activation(graph, next);
        return own.High is null || behind.High < own.High ? behind : own;
    }
}
