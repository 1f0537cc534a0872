using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>NV12 and I420 frames of another size than the network's: each plane is resized to the network's size, then moved to its levels.</summary>
internal sealed unsafe class ResizingYuvRowReader<TLevels> : FrameRowReader
    where TLevels : struct, IYuvLevels
{
    private readonly AxisTaps _rows, _columns, _chromaRows, _chromaColumns;

    public ResizingYuvRowReader(FrameShape source, int height, int width, YuvSwing swing)
        : base(source, height, width, ScratchOf(source, width))
    {
        _rows = AxisTaps.ForResize(source.Height, height);
        _columns = AxisTaps.ForResize(source.Width, width);
        _chromaRows = ChromaTaps(source.Height, height, swing);
        _chromaColumns = ChromaTaps(source.Width, width, swing);
    }

    /// <summary>Chroma samples lie in the middle of their blocks; of an odd side the last block ends within the sample.</summary>
    public static AxisTaps ChromaTaps(int source, int target, YuvSwing swing)
    {
        AxisTaps taps = AxisTaps.ForResize((source + 1) / 2, source / 2f, target);
        return swing == YuvSwing.StudioSubsampled ? taps.Paired() : taps;
    }

    private static int ScratchOf(FrameShape source, int width) =>
        ScratchMemory.Size<float>(source.Width + BilinearRow.Padding) + (2 * ScratchMemory.Size<float>(source.ChromaWidth + BilinearRow.Padding))
        + (3 * SampledRows.ScratchBytes(width)) + (4 * ScratchMemory.Size<byte>(width));

    private protected override void ReadRows(in FrameView view, int row, int count, sbyte* destination, nint stride, byte* scratch)
    {
        var memory = new ScratchMemory(scratch);
        Span<float> lumaLevels = memory.Take<float>(Source.Width + BilinearRow.Padding);
        Span<float> uLevels = memory.Take<float>(Source.ChromaWidth + BilinearRow.Padding), vLevels = memory.Take<float>(Source.ChromaWidth + BilinearRow.Padding);
        SampledRows luma = new(ref memory, Width), u = new(ref memory, Width), v = new(ref memory, Width);
        Span<byte> samples = memory.Take<byte>(Width);
        Span<sbyte> y = memory.Take<sbyte>(Width), cb = memory.Take<sbyte>(Width), cr = memory.Take<sbyte>(Width);
        for (int i = row; i < row + count; i++, destination += stride)
        {
            luma.MoveTo(_rows, i, out int upper, out int lower);
            SampleLuma(view, upper, lumaLevels, luma.Upper);
            SampleLuma(view, lower, lumaLevels, luma.Lower);
            u.MoveTo(_chromaRows, i, out upper, out lower);
            v.MoveTo(_chromaRows, i, out _, out _);
            SampleChroma(view, upper, uLevels, vLevels, u.Upper, v.Upper);
            SampleChroma(view, lower, uLevels, vLevels, u.Lower, v.Lower);

            BilinearRow.Blend(luma.Upper, luma.Lower, _rows.Weight0[i], _rows.Weight1[i], samples);
            YuvRow<TLevels>.Luma(samples, y);
            float weight0 = _chromaRows.Weight0[i], weight1 = _chromaRows.Weight1[i];
            BilinearRow.Blend(u.Upper, u.Lower, weight0, weight1, samples);
            YuvRow<TLevels>.Chroma(samples, cb);
            BilinearRow.Blend(v.Upper, v.Lower, weight0, weight1, samples);
            YuvRow<TLevels>.Chroma(samples, cr);
            Yuv444.Interleave(y, cb, cr, new Span<sbyte>(destination, 3 * Width));
        }
    }

    private void SampleLuma(in FrameView view, int sourceRow, Span<float> levels, Span<float> sampled)
    {
        if (sourceRow >= 0)
        {
            BilinearRow.ToLevels(view.Row(sourceRow), levels);
            BilinearRow.SamplePlane(levels, _columns, sampled);
        }
    }

    private void SampleChroma(in FrameView view, int sourceRow, Span<float> uLevels, Span<float> vLevels, Span<float> u, Span<float> v)
    {
        if (sourceRow < 0)
        {
            return;
        }

        if (Source.Format == PixelFormat.Nv12)
        {
            BilinearRow.ToLevels(view.SecondRow(sourceRow), uLevels, vLevels);
        }
        else
        {
            BilinearRow.ToLevels(view.SecondRow(sourceRow), uLevels);
            BilinearRow.ToLevels(view.ThirdRow(sourceRow), vLevels);
        }

        BilinearRow.SamplePlane(uLevels, _chromaColumns, u);
        BilinearRow.SamplePlane(vLevels, _chromaColumns, v);
    }
}
