using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>One value of each channel for every window of an image.</summary>
/// <param name="Rows">The window from row to row.</param>
/// <param name="Columns">The window from column to column.</param>
public abstract record Pool2d(ConvAxis Rows, ConvAxis Columns) : Op
{
    /// <inheritdoc/>
    public sealed override int? Arity => 1;

    /// <inheritdoc/>
    public sealed override ScaleRule Scale => ScaleRule.OfInput;

    /// <summary>What it does with a window, for messages.</summary>
    private protected abstract string What { get; }

    /// <summary>Whether the image may be padded.</summary>
    private protected abstract bool IsPadded { get; }

    /// <inheritdoc/>
    public sealed override ImmutableArray<Parameter> ParametersOf(string node) => [];

    /// <inheritdoc/>
    public sealed override long Macs(TensorShape output) => 0;

    /// <inheritdoc/>
    public sealed override Op Through(IOpAttributes attributes)
    {
        (ConvAxis rows, ConvAxis columns) = attributes.Window(Rows, Columns);
        return this with { Rows = rows, Columns = columns };
    }

    private protected sealed override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs)
    {
        TensorShape input = inputs[0];
        if (!Pooling.IsWindow(Rows, Columns, IsPadded))
        {
            throw new GraphException($"Node {node}: {What} over {new ConvGeometry(Rows, Columns)} is impossible; it takes windows of at most {Pooling.MaxArea} values without dilation, {(IsPadded ? "and padding of at most half of the kernel" : "and no padding")}.");
        }

        int height = Rows.OutputSize(input.H), width = Columns.OutputSize(input.W);
        return height >= 1 && width >= 1
            ? input with { H = height, W = width }
            : throw new GraphException($"Node {node}: a pooling window of {Rows.Kernel}x{Columns.Kernel} does not fit in {input}.");
    }
}
