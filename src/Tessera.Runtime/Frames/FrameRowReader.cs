using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>
/// Reads frames of one shape as rows of the network's input: interleaved Y, U, V minus 128. Made once; then thread-safe and free of allocations.
/// </summary>
/// <remarks>
/// A frame of the network's size is converted pixel by pixel: RGB, BGR and BGRA to the very bytes of <see cref="Yuv444.FromRgb"/>; the chroma
/// of NV12 and I420 is repeated for the four pixels of its block. Any other frame is first resized as the loader and <c>tessera infer</c>
/// resize a picture (<see cref="BilinearRow"/>): colours before they are converted, and the planes of NV12 and I420 each by itself.
/// With <see cref="YuvSwing.StudioSubsampled"/> four pixels share the chroma of the upper left one in every case.
/// <see cref="ReferenceFrameReader"/> is the definition.
/// </remarks>
internal abstract unsafe class FrameRowReader
{
    private protected FrameRowReader(FrameShape source, int height, int width, int scratchBytes)
    {
        Source = source;
        Height = height;
        Width = width;
        ScratchBytes = scratchBytes;
    }

    /// <summary>The shape of the frames.</summary>
    public FrameShape Source { get; }

    /// <summary>Rows of the network's input.</summary>
    public int Height { get; }

    /// <summary>Columns of the network's input.</summary>
    public int Width { get; }

    /// <summary>Bytes that a caller gives to each call; no content is kept in them between calls. May be 0.</summary>
    public int ScratchBytes { get; }

    /// <summary>Makes a reader.</summary>
    /// <param name="source">The shape of the frames.</param>
    /// <param name="height">Rows of the network's input, 1..65,535; even for the subsampled swing.</param>
    /// <param name="width">Columns of the network's input; likewise.</param>
    /// <param name="swing">The conversion that the network was trained with.</param>
    /// <exception cref="ArgumentException">A size is impossible, or odd where it must be even.</exception>
    public static FrameRowReader Create(FrameShape source, int height, int width, YuvSwing swing)
    {
        source.Check();
        CheckInput(height, width, swing);
        bool resizes = source.Height != height || source.Width != width;
        return source.Format is PixelFormat.Nv12 or PixelFormat.I420
            ? (source.Range, swing) switch
            {
                (YuvRange.Studio, YuvSwing.Full) => OfYuv<StudioToFullLevels>(resizes, source, height, width, swing),
                (YuvRange.Full, YuvSwing.StudioSubsampled) => OfYuv<FullToStudioLevels>(resizes, source, height, width, swing),
                _ => OfYuv<SameLevels>(resizes, source, height, width, swing),
            }
            : resizes ? new ResizingRgbRowReader(source, height, width, swing) : new RgbRowReader(source, swing);
    }

    /// <summary>Reads one row.</summary>
    /// <param name="view">A frame of <see cref="Source"/>'s shape.</param>
    /// <param name="row">The row of the network's input, 0..Height-1.</param>
    /// <param name="destination">Receives exactly 3·Width values.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/> bytes that nobody else uses during the call.</param>
    /// <exception cref="ArgumentException">The frame has another shape, or the row is none of the input's.</exception>
    public void Read(in FrameView view, int row, sbyte* destination, byte* scratch) => Read(view, row, 1, destination, 0, scratch);

    /// <summary>Reads rows that follow each other, which saves a resize part of its work.</summary>
    /// <param name="view">A frame of <see cref="Source"/>'s shape.</param>
    /// <param name="row">The first row, 0..Height-1.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="destination">Receives exactly 3·Width values per row.</param>
    /// <param name="stride">Values from row to row of the destination.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/> bytes that nobody else uses during the call.</param>
    /// <exception cref="ArgumentException">The frame has another shape, or a row is none of the input's.</exception>
    public void Read(in FrameView view, int row, int count, sbyte* destination, nint stride, byte* scratch)
    {
        if (row < 0 || count < 0 || row > Height - count)
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"{count} rows from this one on do not lie in an input of {Height} rows.");
        }

        if (view.Shape != Source)
        {
            throw new ArgumentException($"This reader was made for frames of {Source}; received {view.Shape}.", nameof(view));
        }

        ReadRows(view, row, count, destination, stride, scratch);
    }

    /// <summary>Reads rows of a frame whose shape and rows were checked.</summary>
    private protected abstract void ReadRows(in FrameView view, int row, int count, sbyte* destination, nint stride, byte* scratch);

    /// <exception cref="ArgumentException">No network reads an input of this size.</exception>
    internal static void CheckInput(int height, int width, YuvSwing swing)
    {
        if (height is < 1 or > FrameShape.MaxSide || width is < 1 or > FrameShape.MaxSide || !Enum.IsDefined(swing))
        {
            throw new ArgumentException($"An input has sides of 1 to {FrameShape.MaxSide} and a known swing; received {height}x{width} and {swing}.");
        }

        if (swing == YuvSwing.StudioSubsampled && ((height | width) & 1) != 0)
        {
            throw new ArgumentException($"Chroma subsampling needs an input of even height and width; received {height}x{width}.");
        }
    }

    private static FrameRowReader OfYuv<TLevels>(bool resizes, FrameShape source, int height, int width, YuvSwing swing)
        where TLevels : struct, IYuvLevels =>
        resizes ? new ResizingYuvRowReader<TLevels>(source, height, width, swing) : new YuvRowReader<TLevels>(source);
}
