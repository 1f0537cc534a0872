using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>
/// A network as data: nodes in topological order, one image input, named outputs. Immutable; a rewrite makes a new graph.
/// Training, quantization, ONNX, operation counts and cost estimates all read it.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<string, Node> _byName;

    /// <summary>Creates a graph and verifies it.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="nodes">The nodes, each after those it reads.</param>
    /// <param name="outputs">The outputs, at least one.</param>
    /// <exception cref="GraphException">The nodes do not form a valid graph.</exception>
    public Graph(string name, ImmutableArray<Node> nodes, ImmutableArray<GraphOutput> outputs)
    {
        Name = name;
        Nodes = nodes;
        Outputs = outputs;
        _byName = GraphVerifier.Verify(this);
    }

    /// <summary>The network's name.</summary>
    public string Name { get; }

    /// <summary>The nodes, each after those it reads.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>What the graph gives to its caller, in order.</summary>
    public ImmutableArray<GraphOutput> Outputs { get; }

    /// <summary>The single input node; the verifier holds it to be the first.</summary>
    public Node Input => Nodes[0];

    /// <summary>All parameters in node order.</summary>
    public IEnumerable<Parameter> Parameters => Nodes.SelectMany(node => node.Parameters);

    /// <summary>The node of that name.</summary>
    /// <exception cref="GraphException">There is none.</exception>
    public Node this[string name] =>
        _byName.TryGetValue(name, out Node? node) ? node : throw new GraphException($"Graph {Name} has no node {name}.");

    /// <summary>Finds a node by name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out Node? node) => _byName.TryGetValue(name, out node);

    /// <summary>The value that an input of a node names.</summary>
    public Value ValueOf(string name) => this[name].Output;

    /// <summary>How many nodes and outputs read the value.</summary>
    public int UseCount(string name) =>
        Nodes.Sum(node => node.Inputs.Count(input => input == name)) + Outputs.Count(output => output.Value == name);

    /// <summary>The same network for another batch or image size: every shape is computed anew.</summary>
    /// <exception cref="GraphException">The network cannot take this shape.</exception>
    public Graph WithInputShape(TensorShape shape)
    {
        var shapes = new Dictionary<string, TensorShape>(Nodes.Length);
        ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>(Nodes.Length);
        foreach (Node node in Nodes)
        {
            TensorShape output = node.Op is Input
                ? shape
                : node.Op.OutputShape(node.Name, [.. node.Inputs.Select(input => shapes[input])]);
            shapes.Add(node.Name, output);
            nodes.Add(node with { Output = node.Output with { Shape = output } });
        }

        return new Graph(Name, nodes.MoveToImmutable(), Outputs);
    }

    /// <inheritdoc/>
    public override string ToString() => GraphText.Print(this);
}
