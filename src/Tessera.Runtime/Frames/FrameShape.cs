namespace Tessera.Runtime;

/// <summary>What is equal in all frames of a camera.</summary>
/// <param name="Width">Columns, 1..65,535; may be odd.</param>
/// <param name="Height">Rows, 1..65,535; may be odd.</param>
/// <param name="Format">The layout.</param>
/// <param name="Range">The levels of NV12 and I420; <see cref="YuvRange.Full"/> for the other formats.</param>
public readonly record struct FrameShape(int Width, int Height, PixelFormat Format, YuvRange Range)
{
    /// <summary>The largest width and height.</summary>
    public const int MaxSide = 65_535;

    /// <summary>Columns of the chroma planes, half the width rounded up.</summary>
    internal int ChromaWidth => (Width + 1) / 2;

    /// <summary>Rows of the chroma planes, half the height rounded up.</summary>
    internal int ChromaHeight => (Height + 1) / 2;

    /// <summary>Planes of the format.</summary>
    internal int Planes => Format switch { PixelFormat.Nv12 => 2, PixelFormat.I420 => 3, _ => 1 };

    /// <summary>Bytes that a row of a plane needs.</summary>
    internal int RowBytes(int plane) => (Format, plane) switch
    {
        (PixelFormat.Rgb24 or PixelFormat.Bgr24, _) => Width * 3,
        (PixelFormat.Bgra32, _) => Width * 4,
        (_, 0) => Width,
        (PixelFormat.Nv12, _) => ChromaWidth * 2,
        _ => ChromaWidth,
    };

    /// <summary>Rows of a plane.</summary>
    internal int Rows(int plane) => plane == 0 ? Height : ChromaHeight;

    /// <exception cref="ArgumentException">A side lies outside 1..65,535, or an enumeration has a value that it does not name.</exception>
    internal void Check()
    {
        if (Width is < 1 or > MaxSide || Height is < 1 or > MaxSide)
        {
            throw new ArgumentException($"A frame has sides of 1 to {MaxSide} pixels; received a width of {Width} and a height of {Height}.");
        }

        if (!Enum.IsDefined(Format) || !Enum.IsDefined(Range))
        {
            throw new ArgumentException($"A frame has a format and a range that their enumerations name; received {Format} and {Range}.");
        }
    }
}
