using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Cli.Diagnostics;

/// <summary>Networks with seeded random parameters, for what depends on the architecture and not on what a network has learned.</summary>
internal static class SeededNetwork
{
    // Batch norm keeps the activations near variance 1, so that few lie beyond 6.
    private const float ActivationRange = 6;

    /// <summary>A float network.</summary>
    public static Network Float(Graph graph, int seed) => new(graph, ParameterSet.InitializeAsTrained(graph, (ulong)seed));

    /// <summary>Folds, fuses and annotates a float network with the scales that its range of activations asks for.</summary>
    /// <param name="network">The float network.</param>
    /// <param name="requantization">How the device that it is for requantizes.</param>
    public static Network Annotated(Network network, Requantization requantization = Requantization.Float32)
    {
        Network prepared = QuantizationPreparation.Prepare(network);
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax, Requantization = requantization });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-ActivationRange, ActivationRange]);
        }

        return prepared with { Graph = session.Finish(prepared.Parameters).Annotate(prepared.Graph) };
    }
}
