namespace Tessera.Runtime;

/// <summary>NV12 and I420 frames of the network's size.</summary>
internal sealed unsafe class YuvRowReader<TLevels>(FrameShape source) : FrameRowReader(source, source.Height, source.Width, scratchBytes: 0)
    where TLevels : struct, IYuvLevels
{
    private protected override void ReadRows(in FrameView view, int row, int count, sbyte* destination, nint stride, byte* scratch)
    {
        for (int y = row; y < row + count; y++, destination += stride)
        {
            var yuv = new Span<sbyte>(destination, 3 * Width);
            if (Source.Format == PixelFormat.Nv12)
            {
                YuvRow<TLevels>.FromSemiPlanar(view.Row(y), view.SecondRow(y / 2), yuv);
            }
            else
            {
                YuvRow<TLevels>.FromPlanar(view.Row(y), view.SecondRow(y / 2), view.ThirdRow(y / 2), yuv);
            }
        }
    }
}
