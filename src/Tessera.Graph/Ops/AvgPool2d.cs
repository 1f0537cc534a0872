using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The mean of each channel over a window, without padding.</summary>
/// <param name="Rows">The window from row to row.</param>
/// <param name="Columns">The window from column to column.</param>
public sealed record AvgPool2d(ConvAxis Rows, ConvAxis Columns) : Op
{
    /// <summary>The most values of a window: their sum stays exact in float32.</summary>
    public const int MaxArea = 1 << 16;

    /// <summary>Values of a window.</summary>
    public long Area => (long)Rows.Kernel * Columns.Kernel;

    /// <inheritdoc/>
    public override string Mnemonic => "avg_pool2d";

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
        (ConvAxis rows, ConvAxis columns) = attributes.Window(Rows, Columns);
        return new AvgPool2d(rows, columns);
    }

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs)
    {
        TensorShape input = inputs[0];
        if (!Rows.IsValid || !Columns.IsValid || Rows.Padding != 0 || Columns.Padding != 0 || Rows.Dilation != 1 || Columns.Dilation != 1 || Area > MaxArea)
        {
            throw new GraphException($"Node {node}: average pooling over {new ConvGeometry(Rows, Columns)} is impossible; it takes windows of at most {MaxArea} values, without padding or dilation.");
        }

        int height = Rows.OutputSize(input.H), width = Columns.OutputSize(input.W);
        return height >= 1 && width >= 1
            ? input with { H = height, W = width }
            : throw new GraphException($"Node {node}: a pooling window of {Rows.Kernel}x{Columns.Kernel} does not fit in {input}.");
    }
}
