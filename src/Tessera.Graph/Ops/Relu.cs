using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>max(x, 0), or with an upper end min(max(x, 0), high): ReLU6 is 6.</summary>
/// <param name="High">The upper end, above 0; null for none.</param>
public sealed record Relu(float? High = null) : Op
{
    /// <summary>It as a part of another operation.</summary>
    public Activation Activation => new(true, High);

    /// <inheritdoc/>
    public override string Mnemonic => "relu";

    /// <inheritdoc/>
    public override int? Arity => 1;

    /// <inheritdoc/>
    public override ScaleRule Scale => ScaleRule.FloatOnly;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) => [];

    /// <inheritdoc/>
    public override long Macs(TensorShape output) => 0;

    /// <inheritdoc/>
    public override Op Through(IOpAttributes attributes) => new Relu(attributes.Optional("high", High));

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs) => Activation.IsValid
        ? inputs[0]
        : throw new GraphException($"Node {node}: the upper end of a relu is {High}; it must be a number above 0.");
}
