using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The sum of two tensors of one shape.</summary>
public sealed record Add : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "add";

    /// <inheritdoc/>
    public override int? Arity => 2;

    /// <inheritdoc/>
    public override ScaleRule Scale => ScaleRule.FloatOnly;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) => [];

    /// <inheritdoc/>
    public override long Macs(TensorShape output) => 0;

    /// <inheritdoc/>
    public override Op Through(IOpAttributes attributes) => this;

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs) => inputs[0] == inputs[1]
        ? inputs[0]
        : throw new GraphException($"Node {node}: add reads {inputs[0]} and {inputs[1]}; the shapes must be equal.");
}
