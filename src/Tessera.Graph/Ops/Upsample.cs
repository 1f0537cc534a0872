using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>An image made larger by powers of two.</summary>
/// <param name="RowFactor">How many rows come from one: 1, 2, 4 … 64.</param>
/// <param name="ColumnFactor">How many columns come from one: 1, 2, 4 … 64.</param>
/// <param name="Mode">What a pixel is made of.</param>
public sealed record Upsample(int RowFactor, int ColumnFactor, UpsampleMode Mode) : Op
{
    /// <summary>Bilinear, by the same factor along both axes.</summary>
    public static Upsample Bilinear(int factor) => new(factor, factor, UpsampleMode.Bilinear);

    /// <inheritdoc/>
    public override string Mnemonic => "upsample";

    /// <inheritdoc/>
    public override int? Arity => 1;

    /// <inheritdoc/>
    public override ScaleRule Scale => ScaleRule.OfInput;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) => [];

    /// <inheritdoc/>
    public override long Macs(TensorShape output) => 0;

    /// <inheritdoc/>
    public override Op Through(IOpAttributes attributes)
    {
        (int rows, int columns) = attributes.Pair("factor", (RowFactor, ColumnFactor));
        return new Upsample(rows, columns, attributes.Flag("nearest", Mode == UpsampleMode.Nearest) ? UpsampleMode.Nearest : UpsampleMode.Bilinear);
    }

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs)
    {
        TensorShape input = inputs[0];
        if (!BilinearTap.IsFactor(RowFactor) || !BilinearTap.IsFactor(ColumnFactor))
        {
            throw new GraphException($"Node {node}: an upsample by {RowFactor}x{ColumnFactor} is impossible; factors are 1, 2, 4 and so on to {BilinearTap.MaxFactor}.");
        }

        return input.H <= int.MaxValue / RowFactor && input.W <= int.MaxValue / ColumnFactor
            ? input with { H = input.H * RowFactor, W = input.W * ColumnFactor }
            : throw new GraphException($"Node {node}: {input} is too large to be upsampled by {RowFactor}x{ColumnFactor}.");
    }
}
