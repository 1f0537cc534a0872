namespace Tessera.Core;

/// <summary>Everything about a convolution but its channels and its numbers: the window along both axes, and the groups.</summary>
/// <param name="Rows">The window from row to row.</param>
/// <param name="Columns">The window from column to column.</param>
/// <param name="Groups">1; or the number of channels for a depthwise convolution; or any number that divides inputs and outputs.</param>
public readonly record struct ConvGeometry(ConvAxis Rows, ConvAxis Columns, int Groups = 1)
{
    /// <summary>Taps of the window.</summary>
    public int Area => Rows.Kernel * Columns.Kernel;

    /// <summary>Whether both axes are alike.</summary>
    public bool IsSquare => Rows == Columns;

    /// <summary>The same window along both axes.</summary>
    /// <param name="kernel">Taps along each axis.</param>
    /// <param name="stride">Step.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="dilation">Distance of the taps.</param>
    public static ConvGeometry Square(int kernel, int stride = 1, int padding = 0, int groups = 1, int dilation = 1)
    {
        var axis = new ConvAxis(kernel, stride, padding, dilation);
        return new ConvGeometry(axis, axis, groups);
    }

    /// <summary>As people write it: <c>3x3 stride 2 padding 1</c>, what is 1 or 0 by default left out.</summary>
    public override string ToString() =>
        $"{Rows.Kernel}x{Columns.Kernel}{Part("stride", Rows.Stride, Columns.Stride, 1)}{Part("padding", Rows.Padding, Columns.Padding, 0)}{Part("dilation", Rows.Dilation, Columns.Dilation, 1)}{Part("groups", Groups, Groups, 1)}";

    private static string Part(string name, int rows, int columns, int usual) =>
        rows != columns ? $" {name} {rows}x{columns}" : rows != usual ? $" {name} {rows}" : "";
}
