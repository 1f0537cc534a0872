namespace Tessera.Runtime;

/// <summary>A picture in the caller's memory, as a camera or decoder left it: nothing is copied.</summary>
/// <remarks>
/// A stride is the distance between the starts of two rows in bytes; 0 stands for rows that lie directly behind each other. Behind the last
/// row of a plane no padding is needed, and a buffer may be longer than its plane. Every factory checks all sizes, so that a frame that
/// exists can be read. docs/frames.md shows how the values are understood.
/// </remarks>
public readonly ref struct Frame
{
    private readonly ReadOnlySpan<byte> _plane0, _plane1, _plane2;
    private readonly int _stride0, _stride1, _stride2;

    private Frame(FrameShape shape, ReadOnlySpan<byte> plane0, int stride0, ReadOnlySpan<byte> plane1, int stride1, ReadOnlySpan<byte> plane2, int stride2)
    {
        shape.Check();
        Shape = shape;
        _stride0 = StrideOf(0, stride0, shape);
        _stride1 = StrideOf(1, stride1, shape);
        _stride2 = StrideOf(2, stride2, shape);
        _plane0 = PlaneOf(plane0, 0, _stride0, shape);
        _plane1 = PlaneOf(plane1, 1, _stride1, shape);
        _plane2 = PlaneOf(plane2, 2, _stride2, shape);
    }

    /// <summary>Size, format and range.</summary>
    public FrameShape Shape { get; }

    /// <summary>Columns.</summary>
    public int Width => Shape.Width;

    /// <summary>Rows.</summary>
    public int Height => Shape.Height;

    /// <summary>The layout.</summary>
    public PixelFormat Format => Shape.Format;

    /// <summary>A frame of red, green and blue bytes.</summary>
    /// <param name="pixels">At least (height - 1)·stride + 3·width bytes.</param>
    /// <param name="width">Columns, 1..65,535.</param>
    /// <param name="height">Rows, 1..65,535.</param>
    /// <param name="stride">Bytes from row to row, at least 3·width; 0 for 3·width.</param>
    /// <exception cref="ArgumentException">A size, the stride or the number of bytes does not fit.</exception>
    public static Frame Rgb(ReadOnlySpan<byte> pixels, int width, int height, int stride = 0) =>
        new(new(width, height, PixelFormat.Rgb24, YuvRange.Full), pixels, stride, default, 0, default, 0);

    /// <summary>A frame of blue, green and red bytes.</summary>
    /// <inheritdoc cref="Rgb"/>
    public static Frame Bgr(ReadOnlySpan<byte> pixels, int width, int height, int stride = 0) =>
        new(new(width, height, PixelFormat.Bgr24, YuvRange.Full), pixels, stride, default, 0, default, 0);

    /// <summary>A frame of blue, green, red and alpha bytes; alpha is not read.</summary>
    /// <param name="pixels">At least (height - 1)·stride + 4·width bytes.</param>
    /// <param name="width">Columns, 1..65,535.</param>
    /// <param name="height">Rows, 1..65,535.</param>
    /// <param name="stride">Bytes from row to row, at least 4·width; 0 for 4·width.</param>
    /// <exception cref="ArgumentException">A size, the stride or the number of bytes does not fit.</exception>
    public static Frame Bgra(ReadOnlySpan<byte> pixels, int width, int height, int stride = 0) =>
        new(new(width, height, PixelFormat.Bgra32, YuvRange.Full), pixels, stride, default, 0, default, 0);

    /// <summary>An NV12 frame of two planes. Chroma has half the columns and rows, rounded up.</summary>
    /// <param name="y">Luma: at least (height - 1)·yStride + width bytes.</param>
    /// <param name="uv">U and V in turns: rows of 2·⌈width / 2⌉ bytes.</param>
    /// <param name="width">Columns, 1..65,535.</param>
    /// <param name="height">Rows, 1..65,535.</param>
    /// <param name="range">The levels of the samples.</param>
    /// <param name="yStride">Bytes from luma row to luma row, at least the width; 0 for the width.</param>
    /// <param name="uvStride">Bytes from chroma row to chroma row; 0 for 2·⌈width / 2⌉.</param>
    /// <exception cref="ArgumentException">A size, a stride or a number of bytes does not fit.</exception>
    public static Frame Nv12(ReadOnlySpan<byte> y, ReadOnlySpan<byte> uv, int width, int height, YuvRange range, int yStride = 0, int uvStride = 0) =>
        new(new(width, height, PixelFormat.Nv12, range), y, yStride, uv, uvStride, default, 0);

    /// <summary>An NV12 frame in one buffer: height rows of luma, then ⌈height / 2⌉ rows of chroma.</summary>
    /// <param name="buffer">The planes, one directly behind the other.</param>
    /// <param name="width">Columns, 1..65,535.</param>
    /// <param name="height">Rows, 1..65,535.</param>
    /// <param name="range">The levels of the samples.</param>
    /// <param name="stride">Bytes from row to row in both planes, at least 2·⌈width / 2⌉; 0 for the shortest rows of each plane.</param>
    /// <exception cref="ArgumentException">A size, the stride or the number of bytes does not fit.</exception>
    public static Frame Nv12(ReadOnlySpan<byte> buffer, int width, int height, YuvRange range, int stride = 0)
    {
        var shape = new FrameShape(width, height, PixelFormat.Nv12, range);
        shape.Check();
        ReadOnlySpan<byte> uv = Behind(buffer, stride == 0 ? width : stride, height, shape);
        return new(shape, buffer, stride, uv, stride, default, 0);
    }

    /// <summary>An I420 frame of three planes. Chroma has half the columns and rows, rounded up.</summary>
    /// <param name="y">Luma: at least (height - 1)·yStride + width bytes.</param>
    /// <param name="u">U: rows of ⌈width / 2⌉ bytes.</param>
    /// <param name="v">V: likewise.</param>
    /// <param name="width">Columns, 1..65,535.</param>
    /// <param name="height">Rows, 1..65,535.</param>
    /// <param name="range">The levels of the samples.</param>
    /// <param name="yStride">Bytes from luma row to luma row, at least the width; 0 for the width.</param>
    /// <param name="uStride">Bytes from row to row of U; 0 for ⌈width / 2⌉.</param>
    /// <param name="vStride">Bytes from row to row of V; 0 for ⌈width / 2⌉.</param>
    /// <exception cref="ArgumentException">A size, a stride or a number of bytes does not fit.</exception>
    public static Frame I420(
        ReadOnlySpan<byte> y, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, int width, int height, YuvRange range, int yStride = 0, int uStride = 0, int vStride = 0) =>
        new(new(width, height, PixelFormat.I420, range), y, yStride, u, uStride, v, vStride);

    /// <summary>An I420 frame in one buffer: height rows of luma, then ⌈height / 2⌉ rows of U, then as many of V.</summary>
    /// <param name="buffer">The planes, one directly behind the other.</param>
    /// <param name="width">Columns, 1..65,535.</param>
    /// <param name="height">Rows, 1..65,535.</param>
    /// <param name="range">The levels of the samples.</param>
    /// <param name="stride">Bytes from luma row to luma row, at least the width; chroma rows lie ⌈stride / 2⌉ apart. 0 for the width.</param>
    /// <exception cref="ArgumentException">A size, the stride or the number of bytes does not fit.</exception>
    public static Frame I420(ReadOnlySpan<byte> buffer, int width, int height, YuvRange range, int stride = 0)
    {
        var shape = new FrameShape(width, height, PixelFormat.I420, range);
        shape.Check();
        int lumaStride = stride == 0 ? width : stride, chromaStride = (int)(((long)lumaStride + 1) / 2);
        ReadOnlySpan<byte> u = Behind(buffer, lumaStride, height, shape), v = Behind(u, chromaStride, shape.ChromaHeight, shape);
        return new(shape, buffer, stride, u, chromaStride, v, chromaStride);
    }

    /// <summary>A frame of any format in one buffer, without gaps between rows and planes.</summary>
    /// <param name="shape">Its size, format and range.</param>
    /// <param name="buffer">The planes, one directly behind the other.</param>
    /// <exception cref="ArgumentException">A size or the number of bytes does not fit.</exception>
    public static Frame OfBuffer(FrameShape shape, ReadOnlySpan<byte> buffer) => shape.Format switch
    {
        PixelFormat.Nv12 => Nv12(buffer, shape.Width, shape.Height, shape.Range),
        PixelFormat.I420 => I420(buffer, shape.Width, shape.Height, shape.Range),
        _ => new(shape, buffer, 0, default, 0, default, 0),
    };

    /// <summary>The bytes of a plane, from its first row on.</summary>
    /// <param name="index">0; for NV12 up to 1, for I420 up to 2.</param>
    /// <returns>The plane, to the end of its last row; empty where the format has no such plane.</returns>
    public ReadOnlySpan<byte> Plane(int index) => index switch
    {
        0 => _plane0,
        1 => _plane1,
        2 => _plane2,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "A frame has at most three planes."),
    };

    /// <summary>Bytes from row to row of a plane.</summary>
    /// <param name="index">As for <see cref="Plane"/>.</param>
    public int Stride(int index) => index switch
    {
        0 => _stride0,
        1 => _stride1,
        2 => _stride2,
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "A frame has at most three planes."),
    };

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> buffer, int stride, int rows, FrameShape shape)
    {
        if (stride < 0 || (long)stride * rows > buffer.Length)
        {
            throw new ArgumentException($"A buffer of {buffer.Length} bytes ends within {rows} rows of a stride of {stride} in a {shape.Format} frame of {shape.Width}x{shape.Height}, with planes to follow.");
        }

        return buffer[(stride * rows)..];
    }

    private static int StrideOf(int plane, int stride, FrameShape shape)
    {
        if (plane >= shape.Planes)
        {
            return 0;
        }

        int rowBytes = shape.RowBytes(plane);
        return stride == 0 ? rowBytes : stride >= rowBytes ? stride : throw new ArgumentException(
            $"A stride of {stride} is less than the {rowBytes} bytes of a row of plane {plane} of a {shape.Format} frame of {shape.Width}x{shape.Height}.", nameof(stride));
    }

    private static ReadOnlySpan<byte> PlaneOf(ReadOnlySpan<byte> bytes, int plane, int stride, FrameShape shape)
    {
        if (plane >= shape.Planes)
        {
            return default;
        }

        long needed = ((long)stride * (shape.Rows(plane) - 1)) + shape.RowBytes(plane);
        return bytes.Length >= needed ? bytes[..(int)needed] : throw new ArgumentException(
            $"Plane {plane} of a {shape.Format} frame of {shape.Width}x{shape.Height} with a stride of {stride} needs {needed} bytes; received {bytes.Length}.", nameof(bytes));
    }
}
