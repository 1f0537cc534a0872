namespace Tessera.Graphs;

/// <summary>Multiply-adds and parameters of a network.</summary>
/// <param name="Macs">Multiply-adds of the convolutions for the graph's input shape; bias, norm and activation are not counted (as in HAT's calops).</param>
/// <param name="Parameters">Trained parameters: convolution weights and biases, batch-norm scales and shifts.</param>
public readonly record struct OperationCounts(long Macs, long Parameters)
{
    /// <summary>Counts a whole graph.</summary>
    public static OperationCounts Of(Graph graph) => new(
        graph.Nodes.Sum(MacsOf),
        graph.Parameters.Where(parameter => parameter.IsTrained).Sum(parameter => (long)parameter.Count));

    /// <summary>The multiply-adds of one node; 0 for all but convolutions.</summary>
    public static long MacsOf(Node node) => node.Op is Conv2d conv ? node.Output.Shape.Count * conv.FanIn : 0;
}
