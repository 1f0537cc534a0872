using System.Globalization;

namespace Tessera.Cli.Comparison;

/// <summary>The worst element of a node whose values leave the allowed band.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Op">Its operation.</param>
/// <param name="Image">The image.</param>
/// <param name="Elements">How many of its elements leave the band, on this image.</param>
/// <param name="Y">Row.</param>
/// <param name="X">Column.</param>
/// <param name="Channel">Channel.</param>
/// <param name="Expected">The value in the first form.</param>
/// <param name="Actual">The value in the second.</param>
/// <param name="Allowed">How far they may be apart.</param>
/// <param name="Operands">What made the values; null where the node is no convolution of both forms.</param>
internal sealed record NodeDifference(
    string Node, string Op, string Image, int Elements, int Y, int X, int Channel, double Expected, double Actual, double Allowed, ConvOperands? Operands)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"layer {Node} differs first: {Elements} element{(Elements == 1 ? "" : "s")}; worst at y {Y}, x {X}, channel {Channel}: {Actual:G6} instead of {Expected:G6}{(Allowed > 0 ? $" (allowed: {Allowed:G3})" : "")}");
}
