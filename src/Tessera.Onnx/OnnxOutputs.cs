using Tessera.Graphs;

namespace Tessera.Onnx;

/// <summary>The outputs that a graph has and those that options add.</summary>
internal static class OnnxOutputs
{
    /// <summary>The graph's outputs, and where asked the logits below each class map that are none already.</summary>
    public static IEnumerable<GraphOutput> OutputsWith(this Graph graph, OnnxOptions options) =>
    [
        .. graph.Outputs,
        .. graph.Nodes.Where(node => options.Logits && node.Op is ArgMax && graph.Outputs.All(output => output.Value != node.Inputs[0]))
            .Select(node => new GraphOutput(OnnxOptions.LogitsOutput, node.Inputs[0])),
    ];
}
