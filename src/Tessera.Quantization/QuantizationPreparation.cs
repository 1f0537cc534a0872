using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Passes;

namespace Tessera.Quantization;

/// <summary>From a trained float network to the form that is calibrated, trained with quantization and lowered.</summary>
public static class QuantizationPreparation
{
    /// <summary>Folds batch norm and fuses ReLU and residual into the convolutions; the function stays the same up to float rounding.</summary>
    /// <param name="network">A float network in inference mode: batch norm with running statistics.</param>
    /// <returns>A network of operations that have an integer form.</returns>
    /// <exception cref="WorkException">An operation is left that the integer form does not have, or values that have to share a scale cannot; the message names the node.</exception>
    public static Network Prepare(Network network)
    {
        Network prepared = GraphPass.RunAll(network, FoldBatchNorm.Pass, FuseRelu.Pass, FuseResidual.Pass);
        foreach (Node node in prepared.Graph.Nodes)
        {
            if (node.Op.Scale == ScaleRule.FloatOnly)
            {
                throw new WorkException($"Node {node.Name} ({node.Op.Mnemonic}) cannot be quantized: {Reason(prepared.Graph, node)}. Change the model so that each {node.Op.Mnemonic} follows a convolution whose result nothing else reads.");
            }
        }

        _ = new ScaleGroups(prepared.Graph); // whether scales can be shared is known before anything is calibrated
        return prepared;
    }

    private static string Reason(Graph graph, Node node)
    {
        string[] read = [.. node.Inputs.Distinct().Select(input =>
        {
            IEnumerable<string> others = graph.Nodes.Where(other => other.Name != node.Name && other.Inputs.Contains(input)).Select(other => other.Name)
                .Concat(graph.Outputs.Where(output => output.Value == input).Select(output => $"the output {output.Name}"));
            string also = string.Join(", ", others);
            return $"{input} ({graph[input].Op.Mnemonic}{(also.Length > 0 ? $", which {also} needs too" : "")})";
        })];
        return $"it reads {string.Join(" and ", read)}, and cannot become a part of that";
    }

    /// <summary>The graph that <see cref="Prepare"/> makes, for callers that have no parameter values (operation counts, loading a checkpoint).</summary>
    /// <exception cref="WorkException">As for <see cref="Prepare"/>.</exception>
    public static Graph PrepareGraph(Graph graph) => Prepare(new Network(graph, ParameterSet.Initialize(graph, seed: 0))).Graph;
}
