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

    /// <summary>Bytes of a frame in one buffer, without gaps between rows and planes.</summary>
    /// <exception cref="ArgumentException">A side lies outside 1..65,535, or an enumeration has a value that it does not name.</exception>
    public long Bytes
    {
        get
        {
            Check();
            long bytes = 0;
            for (int plane = 0; plane < Planes; plane++)
            {
                bytes += (long)RowBytes(plane) * Rows(plane);
            }

            return bytes;
        }
    }

    /// <summary>Frames of red, green and blue bytes.</summary>
    public static FrameShape Rgb(int width, int height) => new(width, height, PixelFormat.Rgb24, YuvRange.Full);

    /// <summary>Frames of blue, green and red bytes.</summary>
    public static FrameShape Bgr(int width, int height) => new(width, height, PixelFormat.Bgr24, YuvRange.Full);

    /// <summary>Frames of blue, green, red and alpha bytes; alpha is not read.</summary>
    public static FrameShape Bgra(int width, int height) => new(width, height, PixelFormat.Bgra32, YuvRange.Full);

    /// <summary>NV12 frames: luma, then pairs of U and V for blocks of 2×2 pixels.</summary>
    public static FrameShape Nv12(int width, int height, YuvRange range) => new(width, height, PixelFormat.Nv12, range);

    /// <summary>I420 frames: luma, then U, then V, one of each for blocks of 2×2 pixels.</summary>
    public static FrameShape I420(int width, int height, YuvRange range) => new(width, height, PixelFormat.I420, range);

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
