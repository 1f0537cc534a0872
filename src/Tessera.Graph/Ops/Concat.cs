using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The channels of two or more tensors of one size, one after the other.</summary>
public sealed record Concat : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "concat";

    /// <inheritdoc/>
    public override int? Arity => null;

    /// <inheritdoc/>
    public override ScaleRule Scale => ScaleRule.Shared;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) => [];

    /// <inheritdoc/>
    public override long Macs(TensorShape output) => 0;

    /// <inheritdoc/>
    public override Op Through(IOpAttributes attributes)
    {
        return this;
    }

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs)
    {
        if (inputs.Length < 2)
        {
            throw new GraphException($"Node {node}: concat takes at least two inputs; it has {inputs.Length}.");
        }

        TensorShape first = inputs[0];
        TensorShape? other = inputs.Cast<TensorShape?>().FirstOrDefault(shape => shape!.Value with { C = first.C } != first);
        return other is null
            ? first with { C = inputs.Sum(shape => shape.C) }
            : throw new GraphException($"Node {node}: concat reads {first} and {other}; batch, height and width must be equal.");
    }
}
