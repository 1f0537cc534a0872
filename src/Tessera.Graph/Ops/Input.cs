using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The graph's input, an image N×C×H×W.</summary>
public sealed record Input : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "input";

    /// <inheritdoc/>
    public override int? Arity => 0;

    /// <inheritdoc/>
    public override ScaleRule Scale => ScaleRule.Image;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) => [];

    /// <inheritdoc/>
    public override long Macs(TensorShape output) => 0;

    /// <inheritdoc/>
    public override Op Through(IOpAttributes attributes) => this;

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs) =>
        throw new GraphException($"Node {node}: the image's shape is given, it does not follow from anything.");
}
