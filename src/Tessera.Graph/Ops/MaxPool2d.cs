using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The largest value of each channel in a window; what lies beyond the image does not count.</summary>
/// <param name="Rows">The window from row to row; its padding is at most half of its kernel.</param>
/// <param name="Columns">The window from column to column.</param>
public sealed record MaxPool2d(ConvAxis Rows, ConvAxis Columns) : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "max_pool2d";

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
        return new MaxPool2d(rows, columns);
    }

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs)
    {
        TensorShape input = inputs[0];
        if (!IsPossible(Rows) || !IsPossible(Columns))
        {
            throw new GraphException($"Node {node}: max pooling over {new ConvGeometry(Rows, Columns)} is impossible; padding is at most half of the kernel, and there is no dilation.");
        }

        int height = Rows.OutputSize(input.H), width = Columns.OutputSize(input.W);
        return height >= 1 && width >= 1
            ? input with { H = height, W = width }
            : throw new GraphException($"Node {node}: a pooling window of {Rows.Kernel}x{Columns.Kernel} does not fit in {input}.");

        static bool IsPossible(ConvAxis axis) => axis.IsValid && axis.Dilation == 1 && axis.Padding <= axis.Kernel / 2;
    }
}
