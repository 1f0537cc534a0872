using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>A graph that breaks a rule of the intermediate representation, or text that is not a graph.</summary>
public sealed class GraphException(string message) : WorkException(message);
