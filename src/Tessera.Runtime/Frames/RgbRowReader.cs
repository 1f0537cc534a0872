using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>RGB, BGR and BGRA frames of the network's size.</summary>
internal sealed unsafe class RgbRowReader : FrameRowReader
{
    private readonly RgbOrder _order;
    private readonly bool _subsampled;

    public RgbRowReader(FrameShape source, YuvSwing swing)
        : base(source, source.Height, source.Width, scratchBytes: 0)
    {
        _order = OrderOf(source.Format);
        _subsampled = swing == YuvSwing.StudioSubsampled;
    }

    /// <summary>The order of colours in a format that has them.</summary>
    public static RgbOrder OrderOf(PixelFormat format) => format switch
    {
        PixelFormat.Rgb24 => RgbOrder.Rgb,
        PixelFormat.Bgr24 => RgbOrder.Bgr,
        PixelFormat.Bgra32 => RgbOrder.Bgra,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "A format of colours is Rgb24, Bgr24 or Bgra32."),
    };

    private protected override void ReadRows(in FrameView view, int row, int count, sbyte* destination, nint stride, byte* scratch)
    {
        for (int y = row; y < row + count; y++, destination += stride)
        {
            var yuv = new Span<sbyte>(destination, 3 * Width);
            if (_subsampled)
            {
                Yuv444.RowFromRgbStudioSubsampled(view.Row(y), view.Row(y & ~1), _order, yuv);
            }
            else
            {
                Yuv444.RowFromRgb(view.Row(y), _order, yuv);
            }
        }
    }
}
