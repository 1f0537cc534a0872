using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The mean of each channel over a window, without padding.</summary>
/// <param name="Rows">The window from row to row.</param>
/// <param name="Columns">The window from column to column.</param>
public sealed record AvgPool2d(ConvAxis Rows, ConvAxis Columns) : Pool2d(Rows, Columns)
{
    /// <inheritdoc/>
    public override string Mnemonic => "avg_pool2d";

    /// <summary>Values of a window.</summary>
    public int Area => Rows.Kernel * Columns.Kernel;

    private protected override string What => "average pooling";

    private protected override bool IsPadded => false;

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);
}
