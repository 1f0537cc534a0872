using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.Cli.Diagnostics;

/// <summary>Networks with seeded random parameters, for what depends on the architecture and not on what a network has learned.</summary>
internal static class SeededNetwork
{
    // Batch norm keeps the activations near variance 1, so that few lie beyond 6.
    private const float ActivationRange = 6;

    /// <summary>A float network: starting values, and batch-norm parameters as training leaves them, so that folding has something to fold.</summary>
    public static Network Float(Graph graph, int seed)
    {
        ParameterSet parameters = ParameterSet.Initialize(graph, (ulong)seed);
        var random = new Random(seed);
        foreach (Parameter parameter in graph.Parameters)
        {
            float[] values = parameters[parameter.Name];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = parameter.Role switch
                {
                    ParameterRole.Gamma => 0.5f + random.NextSingle(),
                    ParameterRole.Beta => random.NextSingle() - 0.3f,
                    ParameterRole.RunningMean => (random.NextSingle() - 0.5f) * 0.2f,
                    ParameterRole.RunningVariance => 0.05f + (random.NextSingle() * 0.2f),
                    _ => values[i],
                };
            }
        }

        return new Network(graph, parameters);
    }

    /// <summary>Folds, fuses and annotates a float network with the scales that its range of activations asks for.</summary>
    public static Network Annotated(Network network)
    {
        Network prepared = QuantizationPreparation.Prepare(network);
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-ActivationRange, ActivationRange]);
        }

        return prepared with { Graph = session.Finish(prepared.Parameters).Annotate(prepared.Graph) };
    }
}
