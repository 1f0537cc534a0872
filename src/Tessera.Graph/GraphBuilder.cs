using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>
/// Builds a graph node by node; reads like a module definition. Names are paths: <see cref="Scope"/> opens a level.
/// </summary>
/// <param name="name">The network's name.</param>
public sealed class GraphBuilder(string name)
{
    private readonly ImmutableArray<Node>.Builder _nodes = ImmutableArray.CreateBuilder<Node>();
    private readonly ImmutableArray<GraphOutput>.Builder _outputs = ImmutableArray.CreateBuilder<GraphOutput>();
    private readonly Dictionary<string, Value> _values = [];
    private string _prefix = "";

    /// <summary>Opens a level of the name path until the result is disposed.</summary>
    public IDisposable Scope(string level)
    {
        string outer = _prefix;
        _prefix = $"{outer}{level}.";
        return new ScopeEnd(() => _prefix = outer);
    }

    /// <summary>Declares the image input.</summary>
    public Value Input(string local, TensorShape shape) => Append(new Node(new Input(), [], new Value(_prefix + local, shape)));

    /// <summary>Appends an operation on earlier values and returns its output.</summary>
    /// <exception cref="GraphException">The operation cannot take these inputs.</exception>
    public Value Node(string local, Op op, params ReadOnlySpan<Value> inputs)
    {
        string path = _prefix + local;
        ImmutableArray<Value> values = [.. inputs];
        TensorShape shape = op.OutputShape(path, [.. values.Select(value => value.Shape)]);
        return Append(new Node(op, [.. values.Select(value => value.Name)], new Value(path, shape)));
    }

    /// <summary>Declares an output.</summary>
    public void Output(string outputName, Value value) => _outputs.Add(new GraphOutput(outputName, value.Name));

    /// <summary>Makes the verified graph.</summary>
    /// <exception cref="GraphException">The graph has no input or no output, or a name occurs twice.</exception>
    public Graph Build() => new(name, _nodes.ToImmutable(), _outputs.ToImmutable());

    private Value Append(Node node)
    {
        if (!_values.TryAdd(node.Name, node.Output))
        {
            throw new GraphException($"Graph {name}: two nodes are named {node.Name}.");
        }

        _nodes.Add(node);
        return node.Output;
    }

    private sealed class ScopeEnd(Action close) : IDisposable
    {
        public void Dispose() => close();
    }
}
