using Tessera.Graphs;

namespace Tessera.Quantization.Passes;

/// <summary>When an operation may become part of the convolution that it reads. All passes ask here, always about the graph that they were given.</summary>
internal static class FusionRule
{
    /// <summary>
    /// Whether a value is the bare result of a convolution (nothing added, no ReLU, no rounding to int8) that one reader alone sees: what that
    /// reader computes can then be done inside the convolution, and nobody misses the value itself.
    /// </summary>
    /// <param name="graph">The graph as it is before the pass.</param>
    /// <param name="value">The value's name in that graph.</param>
    public static bool IsBareConvolution(Graph graph, string value) =>
        graph[value] is { Op: Conv2d { Activation.IsRelu: false, Residual: false }, Output.Quant: null, WeightQuant: null } && graph.UseCount(value) == 1;
}
