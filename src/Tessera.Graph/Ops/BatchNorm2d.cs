using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>Batch normalisation over the channels.</summary>
/// <param name="Channels">Channels.</param>
/// <param name="Eps">Added to the variance.</param>
/// <param name="Momentum">Weight of a new batch in the running statistics (PyTorch's meaning).</param>
public sealed record BatchNorm2d(int Channels, float Eps, float Momentum) : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "batch_norm2d";

    /// <inheritdoc/>
    public override int? Arity => 1;

    /// <inheritdoc/>
    public override ScaleRule Scale => ScaleRule.FloatOnly;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) =>
    [
        new($"{node}.weight", ParameterRole.Gamma, [Channels]) { Start = StartingValues.Constant(1) },
        new($"{node}.bias", ParameterRole.Beta, [Channels]),
        new($"{node}.running_mean", ParameterRole.RunningMean, [Channels]),
        new($"{node}.running_var", ParameterRole.RunningVariance, [Channels]) { Start = StartingValues.Constant(1) },
    ];

    /// <inheritdoc/>
    public override long Macs(TensorShape output) => 0;

    /// <inheritdoc/>
    public override Op Through(IOpAttributes attributes) =>
        new BatchNorm2d(attributes.Number("channels", Channels), attributes.Number("eps", Eps), attributes.Number("momentum", Momentum));

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs) => Channels == inputs[0].C
        ? inputs[0]
        : throw new GraphException($"Node {node}: batch_norm2d over {Channels} channels reads {inputs[0]}.");
}
