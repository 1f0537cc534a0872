namespace Tessera.Core;

/// <summary>Which windows a pooling takes, in a graph and in an integer program.</summary>
public static class Pooling
{
    /// <summary>The most values of a window: their sum stays exact in float32.</summary>
    public const int MaxArea = 1 << 16;

    /// <summary>Whether a pooling can have this window: no dilation, at most <see cref="MaxArea"/> values, and no longer step.</summary>
    /// <param name="rows">The window from row to row.</param>
    /// <param name="columns">The window from column to column.</param>
    /// <param name="isPadded">Padding of up to half of the kernel is allowed, so that every window meets the image; else none is.</param>
    public static bool IsWindow(ConvAxis rows, ConvAxis columns, bool isPadded)
    {
        return IsPossible(rows) && IsPossible(columns) && (long)rows.Kernel * columns.Kernel <= MaxArea;

        bool IsPossible(ConvAxis axis) => axis.IsValid && axis.Dilation == 1 && axis.Stride <= MaxArea && axis.Padding <= (isPadded ? axis.Kernel / 2 : 0);
    }
}
