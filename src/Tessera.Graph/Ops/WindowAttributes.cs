using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The attributes of a window: a convolution and a pooling enumerate it in the same words.</summary>
internal static class WindowAttributes
{
    /// <summary>Kernel, stride, padding and dilation along both axes.</summary>
    public static (ConvAxis Rows, ConvAxis Columns) Window(this IOpAttributes attributes, ConvAxis rows, ConvAxis columns)
    {
        (int Rows, int Columns) kernel = attributes.Pair("kernel", (rows.Kernel, columns.Kernel));
        (int Rows, int Columns) stride = attributes.Pair("stride", (rows.Stride, columns.Stride));
        (int Rows, int Columns) padding = attributes.Pair("padding", (rows.Padding, columns.Padding));
        (int Rows, int Columns) dilation = attributes.Pair("dilation", (rows.Dilation, columns.Dilation), usual: 1);
        return (new ConvAxis(kernel.Rows, stride.Rows, padding.Rows, dilation.Rows), new ConvAxis(kernel.Columns, stride.Columns, padding.Columns, dilation.Columns));
    }
}
