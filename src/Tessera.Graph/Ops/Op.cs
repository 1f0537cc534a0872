using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>
/// What a node computes, with every fact about it that does not depend on who executes it. Operations are values: two with the same attributes are
/// equal. A new one is a file beside this one, a line in <see cref="OpTable"/>, and a method in <see cref="IOpVisitor{T}"/>.
/// </summary>
public abstract record Op
{
    private protected Op()
    {
    }

    /// <summary>The operation's name in the text form.</summary>
    public abstract string Mnemonic { get; }

    /// <summary>Number of inputs; null where it may be any.</summary>
    public abstract int? Arity { get; }

    /// <summary>Where the scale of the output comes from once the graph is quantized.</summary>
    public abstract ScaleRule Scale { get; }

    /// <summary>The parameters that a node with this operation owns; their names begin with the node's.</summary>
    public abstract ImmutableArray<Parameter> ParametersOf(string node);

    /// <summary>Multiply-adds of one execution, as HAT's calops counts them: convolutions only.</summary>
    /// <param name="output">The output's shape.</param>
    public abstract long Macs(TensorShape output);

    /// <summary>The operation with each attribute as <paramref name="attributes"/> gives it: the one enumeration of them.</summary>
    public abstract Op Through(IOpAttributes attributes);

    /// <summary>Calls the visitor's method for this operation.</summary>
    public abstract T Accept<T>(IOpVisitor<T> visitor);

    /// <summary>The output's shape.</summary>
    /// <param name="node">The node's name, for messages.</param>
    /// <param name="inputs">The inputs' shapes.</param>
    /// <exception cref="GraphException">The operation cannot take these inputs.</exception>
    public TensorShape OutputShape(string node, ImmutableArray<TensorShape> inputs) => Arity is not { } arity || inputs.Length == arity
        ? Shape(node, inputs)
        : throw new GraphException($"Node {node}: {Mnemonic} takes {arity} inputs; it has {inputs.Length}.");

    /// <summary>The output's shape; the number of inputs is right.</summary>
    private protected abstract TensorShape Shape(string node, ImmutableArray<TensorShape> inputs);
}
