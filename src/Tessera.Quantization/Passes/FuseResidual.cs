using Tessera.Graphs;

namespace Tessera.Quantization.Passes;

/// <summary>
/// Makes an addition, and the ReLU that alone reads it, part of the convolution that feeds it: conv-add-relu is one operation,
/// and the convolution's own result is never rounded to int8.
/// </summary>
public static class FuseResidual
{
    /// <summary>The pass.</summary>
    public static GraphPass Pass { get; } = new("fuse-residual", network => network with { Graph = Run(network.Graph) });

    /// <summary>A convolution whose result is added to <paramref name="Residual"/>; the chain ends at node <paramref name="End"/>.</summary>
    private sealed record Chain(string Conv, string Residual, string Add, string End);

    private static Graph Run(Graph graph)
    {
        List<Chain> chains = [.. graph.Nodes.Where(node => node.Op is Add).Select(add => Find(graph, add)).OfType<Chain>()];
        Dictionary<string, Chain> byConv = chains.ToDictionary(chain => chain.Conv);
        Dictionary<string, Chain> byMember = chains.Concat(chains.Where(chain => chain.End != chain.Add).Select(chain => chain with { Add = chain.End }))
            .ToDictionary(chain => chain.Add);
        var waiting = new Dictionary<string, Node>();
        return graph.Rewrite((node, substitutions) =>
        {
            if (byConv.ContainsKey(node.Name))
            {
                waiting.Add(node.Name, node); // appears where the chain ends, because it then reads the residual
                return null;
            }

            if (!byMember.TryGetValue(node.Name, out Chain? chain))
            {
                return node;
            }

            substitutions[node.Name] = chain.Conv;
            if (node.Name != chain.End)
            {
                // The add inside the chain: keep its already substituted residual for the node that ends the chain.
                waiting[chain.Conv] = Fused(waiting[chain.Conv], node);
                return null;
            }

            return node.Op is Relu relu ? WithActivation(waiting[chain.Conv], relu) : Fused(waiting[chain.Conv], node);
        });
    }

    private static Chain? Find(Graph graph, Node add)
    {
        foreach ((string conv, string residual) in new[] { (add.Inputs[0], add.Inputs[1]), (add.Inputs[1], add.Inputs[0]) })
        {
            if (FusionRule.IsBareConvolution(graph, conv))
            {
                Node? relu = graph.UseCount(add.Name) == 1 && add.Output.Quant is null ? graph.Nodes.FirstOrDefault(node => node.Op is Relu && node.Inputs[0] == add.Name) : null;
                return new Chain(conv, residual, add.Name, relu?.Name ?? add.Name);
            }
        }

        return null;
    }

    private static Node Fused(Node conv, Node add) => conv with
    {
        Op = (Conv2d)conv.Op with { Residual = true },
        Inputs = [conv.Inputs[0], add.Inputs.First(input => input != conv.Name)],
    };

    private static Node WithActivation(Node conv, Relu relu) => conv with { Op = (Conv2d)conv.Op with { Activation = relu.Activation } };
}
