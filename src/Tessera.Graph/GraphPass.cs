namespace Tessera.Graphs;

/// <summary>A graph together with the values of its parameters.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Parameters">A value for each of its parameters.</param>
public sealed record Network(Graph Graph, ParameterSet Parameters);

/// <summary>A named rewrite. The verifier runs after every one, because making a graph verifies it.</summary>
/// <param name="Name">The pass's name in reports.</param>
/// <param name="Run">The rewrite; it may not change its argument.</param>
public sealed record GraphPass(string Name, Func<Network, Network> Run)
{
    /// <summary>Runs passes in order.</summary>
    public static Network RunAll(Network network, params ReadOnlySpan<GraphPass> passes)
    {
        foreach (GraphPass pass in passes)
        {
            network = pass.Run(network);
        }

        return network;
    }
}
