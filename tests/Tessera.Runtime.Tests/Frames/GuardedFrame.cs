using Tessera.Runtime.Tests.Memory;

namespace Tessera.Runtime.Tests.Frames;

/// <summary>A random frame, each plane of which ends (or begins) at an inaccessible page.</summary>
internal sealed unsafe class GuardedFrame : IDisposable
{
    private readonly GuardedMemory[] _planes;
    private readonly int[] _strides;

    public GuardedFrame(FrameShape shape, int extraStride, int seed, bool endAtGuard = true)
    {
        Shape = shape;
        _strides = [.. Enumerable.Range(0, shape.Planes).Select(plane => shape.RowBytes(plane) + extraStride)];
        _planes = [.. Enumerable.Range(0, shape.Planes).Select(plane =>
        {
            byte[] content = new byte[((shape.Rows(plane) - 1) * _strides[plane]) + shape.RowBytes(plane)];
            new Random(seed + plane).NextBytes(content);
            return endAtGuard ? GuardedMemory.EndingAtGuard(content) : GuardedMemory.BeginningAtGuard(content);
        })];
    }

    public FrameShape Shape { get; }

    public Frame Frame => Shape.Format switch
    {
        PixelFormat.Rgb24 => Frame.Rgb(Plane(0), Shape.Width, Shape.Height, _strides[0]),
        PixelFormat.Bgr24 => Frame.Bgr(Plane(0), Shape.Width, Shape.Height, _strides[0]),
        PixelFormat.Bgra32 => Frame.Bgra(Plane(0), Shape.Width, Shape.Height, _strides[0]),
        PixelFormat.Nv12 => Frame.Nv12(Plane(0), Plane(1), Shape.Width, Shape.Height, Shape.Range, _strides[0], _strides[1]),
        _ => Frame.I420(Plane(0), Plane(1), Plane(2), Shape.Width, Shape.Height, Shape.Range, _strides[0], _strides[1], _strides[2]),
    };

    /// <summary>Native memory does not move, so that the view stays valid until the frame is disposed of.</summary>
    public FrameView View => new(Frame, _planes[0].Pointer, Shape.Planes > 1 ? _planes[1].Pointer : null, Shape.Planes > 2 ? _planes[2].Pointer : null);

    public ReadOnlySpan<byte> Plane(int index) => _planes[index].Span;

    /// <summary>The colours without what lies between the rows, as interleaved RGB.</summary>
    public byte[] Rgb()
    {
        int channels = Shape.RowBytes(0) / Shape.Width, red = Shape.Format == PixelFormat.Rgb24 ? 0 : 2;
        byte[] rgb = new byte[Shape.Width * Shape.Height * 3];
        for (int y = 0, i = 0; y < Shape.Height; y++)
        {
            for (int x = 0; x < Shape.Width; x++, i += 3)
            {
                ReadOnlySpan<byte> pixel = Plane(0).Slice((y * _strides[0]) + (x * channels), channels);
                (rgb[i], rgb[i + 1], rgb[i + 2]) = (pixel[red], pixel[1], pixel[2 - red]);
            }
        }

        return rgb;
    }

    public void Dispose() => Array.ForEach(_planes, plane => plane.Dispose());
}
