using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The largest value of each channel in a window; what lies beyond the image does not count.</summary>
/// <param name="Rows">The window from row to row.</param>
/// <param name="Columns">The window from column to column.</param>
public sealed record MaxPool2d(ConvAxis Rows, ConvAxis Columns) : Pool2d(Rows, Columns)
{
    /// <inheritdoc/>
    public override string Mnemonic => "max_pool2d";

    private protected override string What => "max pooling";

    private protected override bool IsPadded => true;

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);
}
