using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>The definition of what <see cref="FrameRowReader"/> reads, pixel by pixel in plain expressions.</summary>
internal sealed class ReferenceFrameReader
{
    private readonly FrameShape _source;
    private readonly YuvSwing _swing;
    private readonly bool _resizes;
    private readonly AxisTaps _rows, _columns, _chromaRows, _chromaColumns;

    /// <summary>Takes the arguments of <see cref="FrameRowReader.Create"/>.</summary>
    public ReferenceFrameReader(FrameShape source, int height, int width, YuvSwing swing)
    {
        source.Check();
        FrameRowReader.CheckInput(height, width, swing);
        (_source, _swing, _resizes) = (source, swing, source.Height != height || source.Width != width);
        (_rows, _columns) = (AxisTaps.ForResize(source.Height, height), AxisTaps.ForResize(source.Width, width));
        _chromaRows = AxisTaps.ForResize(source.ChromaHeight, source.Height / 2f, height);
        _chromaColumns = AxisTaps.ForResize(source.ChromaWidth, source.Width / 2f, width);
    }

    /// <summary>Reads one row of the network's input, 3 values per pixel.</summary>
    public void Read(in FrameView view, int row, Span<sbyte> yuv)
    {
        for (int x = 0; 3 * x < yuv.Length; x++)
        {
            Span<sbyte> pixel = yuv.Slice(3 * x, 3);
            if (_source.Format is PixelFormat.Nv12 or PixelFormat.I420)
            {
                FromSamples(view, row, x, pixel);
            }
            else
            {
                FromColours(view, row, x, pixel);
            }
        }
    }

    private void FromColours(in FrameView view, int y, int x, Span<sbyte> pixel)
    {
        (int r, int g, int b) = Colour(view, y, x);
        if (_swing == YuvSwing.Full)
        {
            pixel[0] = (sbyte)((((77 * r) + (150 * g) + (29 * b) + 128) >> 8) - 128);
            pixel[1] = (sbyte)(((-43 * r) - (84 * g) + (127 * b) + 128) >> 8);
            pixel[2] = (sbyte)(((127 * r) - (106 * g) - (21 * b) + 128) >> 8);
            return;
        }

        pixel[0] = (sbyte)((((269484 * r) + (528482 * g) + (102760 * b) + (16 << 20) + (1 << 19)) >> 20) - 128);
        (r, g, b) = Colour(view, y & ~1, x & ~1);
        pixel[1] = (sbyte)(((-155188 * r) - (305135 * g) + (460324 * b) + (1 << 19)) >> 20);
        pixel[2] = (sbyte)(((460324 * r) - (385875 * g) - (74448 * b) + (1 << 19)) >> 20);
    }

    private (int R, int G, int B) Colour(in FrameView view, int y, int x)
    {
        int channels = _source.Format == PixelFormat.Bgra32 ? 4 : 3;
        int first = Sample(view, 0, y, x, channels, 0, _rows, _columns), green = Sample(view, 0, y, x, channels, 1, _rows, _columns);
        int third = Sample(view, 0, y, x, channels, 2, _rows, _columns);
        return _source.Format == PixelFormat.Rgb24 ? (first, green, third) : (third, green, first);
    }

    private void FromSamples(in FrameView view, int y, int x, Span<sbyte> pixel)
    {
        int luma = Sample(view, 0, y, x, 1, 0, _rows, _columns);
        bool shared = _resizes && _swing == YuvSwing.StudioSubsampled;
        int chromaY = !_resizes ? y / 2 : shared ? y & ~1 : y, chromaX = !_resizes ? x / 2 : shared ? x & ~1 : x;
        bool pairs = _source.Format == PixelFormat.Nv12;
        int u = Sample(view, 1, chromaY, chromaX, pairs ? 2 : 1, 0, _chromaRows, _chromaColumns);
        int v = Sample(view, pairs ? 1 : 2, chromaY, chromaX, pairs ? 2 : 1, pairs ? 1 : 0, _chromaRows, _chromaColumns);
        (pixel[0], pixel[1], pixel[2]) = (_source.Range, _swing) switch
        {
            (YuvRange.Studio, YuvSwing.Full) => Levels<StudioToFullLevels>(luma, u, v),
            (YuvRange.Full, YuvSwing.StudioSubsampled) => Levels<FullToStudioLevels>(luma, u, v),
            _ => Levels<SameLevels>(luma, u, v),
        };
    }

    private static (sbyte Y, sbyte U, sbyte V) Levels<TLevels>(int luma, int u, int v)
        where TLevels : struct, IYuvLevels => ((sbyte)TLevels.Luma(luma), (sbyte)TLevels.Chroma(u), (sbyte)TLevels.Chroma(v));

    private int Sample(in FrameView view, int plane, int y, int x, int channels, int channel, AxisTaps rows, AxisTaps columns)
    {
        if (!_resizes)
        {
            return At(view, plane, y, (x * channels) + channel);
        }

        // Each product and each sum is rounded to float32: first along the rows, then down the column; at last half to even.
        int left = (columns.First[x] * channels) + channel, right = (columns.Second[x] * channels) + channel;
        float leftWeight = columns.Weight0[x], rightWeight = columns.Weight1[x];
        float upper = (At(view, plane, rows.First[y], left) * leftWeight) + (At(view, plane, rows.First[y], right) * rightWeight);
        float lower = (At(view, plane, rows.Second[y], left) * leftWeight) + (At(view, plane, rows.Second[y], right) * rightWeight);
        return (int)MathF.Round((rows.Weight0[y] * upper) + (rows.Weight1[y] * lower), MidpointRounding.ToEven);
    }

    private static int At(in FrameView view, int plane, int row, int index) => plane switch
    {
        0 => view.Row(row)[index],
        1 => view.SecondRow(row)[index],
        _ => view.ThirdRow(row)[index],
    };
}
