using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>RGB, BGR and BGRA frames of another size than the network's: resized in their colours, then converted.</summary>
internal sealed unsafe class ResizingRgbRowReader : FrameRowReader
{
    private readonly AxisTaps _rows, _columns;
    private readonly RgbOrder _order;
    private readonly bool _subsampled;
    private readonly int _channels, _sourceBytes;

    public ResizingRgbRowReader(FrameShape source, int height, int width, YuvSwing swing)
        : base(source, height, width, ScratchOf(source, width))
    {
        _rows = AxisTaps.ForResize(source.Height, height);
        _columns = AxisTaps.ForResize(source.Width, width);
        _sourceBytes = source.RowBytes(0);
        _channels = _sourceBytes / source.Width;

        // Of four channels the resize keeps three.
        _order = RgbRowReader.OrderOf(source.Format) == RgbOrder.Rgb ? RgbOrder.Rgb : RgbOrder.Bgr;
        _subsampled = swing == YuvSwing.StudioSubsampled;
    }

    private static int ScratchOf(FrameShape source, int width) =>
        ScratchMemory.Size<float>(source.RowBytes(0) + BilinearRow.Padding) + SampledRows.ScratchBytes(3 * width) + (2 * ScratchMemory.Size<byte>(3 * width));

    private protected override void ReadRows(in FrameView view, int row, int count, sbyte* destination, nint stride, byte* scratch)
    {
        var memory = new ScratchMemory(scratch);
        Span<float> levels = memory.Take<float>(_sourceBytes + BilinearRow.Padding);
        var sampled = new SampledRows(ref memory, 3 * Width);
        Span<byte> pixels = memory.Take<byte>(3 * Width), chromaPixels = memory.Take<byte>(3 * Width);
        if (_subsampled && (row & 1) == 1)
        {
            Resize(view, row - 1, levels, ref sampled, chromaPixels);
        }

        for (int y = row; y < row + count; y++, destination += stride)
        {
            // With shared chroma the even row is kept for the odd one below it.
            bool keep = _subsampled && (y & 1) == 0;
            Span<byte> resized = keep ? chromaPixels : pixels;
            Resize(view, y, levels, ref sampled, resized);
            var yuv = new Span<sbyte>(destination, 3 * Width);
            if (_subsampled)
            {
                Yuv444.RowFromRgbStudioSubsampled(resized, chromaPixels, _order, yuv);
            }
            else
            {
                Yuv444.RowFromRgb(resized, _order, yuv);
            }
        }
    }

    private void Resize(in FrameView view, int row, Span<float> levels, ref SampledRows sampled, Span<byte> pixels)
    {
        sampled.MoveTo(_rows, row, out int upper, out int lower);
        Sample(view, upper, levels, sampled.Upper);
        Sample(view, lower, levels, sampled.Lower);
        BilinearRow.Blend(sampled.Upper, sampled.Lower, _rows.Weight0[row], _rows.Weight1[row], pixels);
    }

    private void Sample(in FrameView view, int sourceRow, Span<float> levels, Span<float> sampled)
    {
        if (sourceRow >= 0)
        {
            BilinearRow.ToLevels(view.Row(sourceRow), levels);
            BilinearRow.SamplePixels(levels, _channels, _columns, sampled);
        }
    }
}
