namespace Tessera.Graphs;

/// <summary>Multiply-adds and parameters of a network.</summary>
/// <param name="Macs">Multiply-adds of the convolutions for the graph's input shape; bias, norm and activation are not counted (as in HAT's calops).</param>
/// <param name="Parameters">Trained parameters: convolution weights and biases, batch-norm scales and shifts.</param>
public readonly record struct OperationCounts(long Macs, long Parameters)
{
    /// <summary>Counts a whole graph.</summary>
    public static OperationCounts Of(Graph graph) => new(
        graph.Nodes.Sum(node => node.Op.Macs(node.Output.Shape)),
        graph.Parameters.Where(parameter => parameter.IsTrained).Sum(parameter => (long)parameter.Count));
}
