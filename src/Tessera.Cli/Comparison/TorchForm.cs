using Tessera.Graphs;
using Tessera.Training;

namespace Tessera.Cli.Comparison;

/// <summary>A network on libtorch: in float, or in the integer arithmetic where it is annotated.</summary>
/// <param name="name">The form's name.</param>
/// <param name="network">The network in deploy form.</param>
/// <param name="constants">Its convolutions' constants.</param>
internal sealed class TorchForm(string name, Network network, IReadOnlyDictionary<string, ConvConstants> constants) : INetworkForm
{
    private readonly TorchPredictor _predictor = new(network);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, NodeValue> Run(sbyte[] image)
    {
        var values = new Dictionary<string, NodeValue>();
        Graph graph = _predictor.Graph;
        _predictor.PredictTapped(image, graph.Input.Output.Shape.H, graph.Input.Output.Shape.W, (node, shape, planes) =>
            values.Add(node, NodeValue.OfPlanes(planes, shape.C, shape.H, shape.W, graph[node].Output.Quant?.Scale ?? 1)));
        return values;
    }

    /// <inheritdoc/>
    public ConvConstants? ConstantsOf(string node) => constants.GetValueOrDefault(node);

    /// <inheritdoc/>
    public void Dispose() => _predictor.Dispose();
}
