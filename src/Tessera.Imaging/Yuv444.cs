using System.Runtime.InteropServices;

namespace Tessera.Imaging;

/// <summary>Which BT.601 conversion turns RGB into the network's YUV444 input.</summary>
public enum YuvSwing
{
    /// <summary>Full range, every pixel with its own chroma: what the chip's image pipeline delivers; the default.</summary>
    Full,

    /// <summary>Studio range with chroma taken from the top-left pixel of each 2×2 block, as an I420/NV12 round trip gives it.</summary>
    StudioSubsampled,
}

/// <summary>
/// RGB to the centred int8 image that the network reads: BT.601 YUV444 minus 128, interleaved Y, U, V.
/// </summary>
/// <remarks>
/// Full swing follows HAT's BgrToYuv444V2 (integers divided by 256, rounded half up); the subsampled studio form follows OpenCV's I420.
/// </remarks>
public static class Yuv444
{
    /// <summary>Converts an interleaved RGB image, H×W×3 bytes, to H×W×3 int8 values.</summary>
    /// <param name="rgb">Source, <paramref name="height"/>·<paramref name="width"/>·3 bytes.</param>
    /// <param name="yuv">Destination of the same length; may not overlap the source.</param>
    /// <param name="height">Rows; even for <see cref="YuvSwing.StudioSubsampled"/>.</param>
    /// <param name="width">Columns; even for <see cref="YuvSwing.StudioSubsampled"/>.</param>
    /// <param name="swing">The conversion.</param>
    /// <exception cref="ArgumentException">A length does not match, a size is odd where it must be even, the two overlap, or there is no such conversion.</exception>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<sbyte> yuv, int height, int width, YuvSwing swing)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        long pixels = (long)height * width;
        if (pixels > int.MaxValue / 3 || rgb.Length != 3 * pixels || yuv.Length != 3 * pixels)
        {
            throw new ArgumentException($"An image of {height}x{width} has 3 values for each of {pixels} pixels; the source has {rgb.Length}, the destination {yuv.Length}.");
        }

        CheckDisjoint(rgb, yuv);
        if (!Enum.IsDefined(swing))
        {
            throw new ArgumentOutOfRangeException(nameof(swing), swing, "The conversion is Full or StudioSubsampled.");
        }

        if (swing == YuvSwing.Full)
        {
            RowFromRgb(rgb, RgbOrder.Rgb, yuv);
            return;
        }

        if (((height | width) & 1) != 0)
        {
            throw new ArgumentException($"Chroma subsampling needs an even height and width; the image is {height}x{width}.");
        }

        int stride = width * 3;
        for (int y = 0; y < height; y++)
        {
            RowFromRgbStudioSubsampled(rgb.Slice(y * stride, stride), rgb.Slice((y & ~1) * stride, stride), RgbOrder.Rgb, yuv.Slice(y * stride, stride));
        }
    }

    /// <summary>Converts a row of pixels with <see cref="YuvSwing.Full"/>, the same bytes as <see cref="FromRgb"/>.</summary>
    /// <param name="pixels">The row: 3 or 4 bytes per pixel, as the order says.</param>
    /// <param name="order">The order of a pixel's bytes.</param>
    /// <param name="yuv">Receives 3 values per pixel, interleaved Y, U, V; may not overlap the source.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or source and destination overlap.</exception>
    public static void RowFromRgb(ReadOnlySpan<byte> pixels, RgbOrder order, Span<sbyte> yuv)
    {
        CheckRow(pixels, order, yuv);
        switch (order)
        {
            case RgbOrder.Rgb: RowFromRgb<RgbPixels>(pixels, yuv); break;
            case RgbOrder.Bgr: RowFromRgb<BgrPixels>(pixels, yuv); break;
            default: RowFromRgb<BgraPixels>(pixels, yuv); break;
        }
    }

    /// <summary>Converts a row of pixels with <see cref="YuvSwing.StudioSubsampled"/>, the same bytes as <see cref="FromRgb"/>.</summary>
    /// <param name="pixels">The row: 3 or 4 bytes per pixel, as the order says.</param>
    /// <param name="chromaPixels">The row with the even index of the same pair of rows, from which chroma comes; of the same length.</param>
    /// <param name="order">The order of a pixel's bytes.</param>
    /// <param name="yuv">Receives 3 values per pixel, interleaved Y, U, V; may not overlap the source.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or the number of pixels is odd.</exception>
    public static void RowFromRgbStudioSubsampled(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> chromaPixels, RgbOrder order, Span<sbyte> yuv)
    {
        CheckRow(pixels, order, yuv);
        CheckRow(chromaPixels, order, yuv);
        if (yuv.Length % 2 != 0)
        {
            throw new ArgumentException($"Chroma subsampling needs an even width; the row has {yuv.Length / 3} pixels.", nameof(yuv));
        }

        switch (order)
        {
            case RgbOrder.Rgb: RowStudioSubsampled<RgbPixels>(pixels, chromaPixels, yuv); break;
            case RgbOrder.Bgr: RowStudioSubsampled<BgrPixels>(pixels, chromaPixels, yuv); break;
            default: RowStudioSubsampled<BgraPixels>(pixels, chromaPixels, yuv); break;
        }
    }

    /// <summary>Three rows to one: Y, U and V of the first pixel, then of the next.</summary>
    /// <param name="y">One value per pixel.</param>
    /// <param name="u">As many.</param>
    /// <param name="v">As many.</param>
    /// <param name="yuv">Receives 3 values per pixel; may not overlap a source.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or source and destination overlap.</exception>
    public static void Interleave(ReadOnlySpan<sbyte> y, ReadOnlySpan<sbyte> u, ReadOnlySpan<sbyte> v, Span<sbyte> yuv)
    {
        if (u.Length != y.Length || v.Length != y.Length || yuv.Length != 3L * y.Length)
        {
            throw new ArgumentException($"Rows of {y.Length}, {u.Length} and {v.Length} values do not make one of {yuv.Length}.");
        }

        CheckDisjoint(MemoryMarshal.AsBytes(y), yuv);
        CheckDisjoint(MemoryMarshal.AsBytes(u), yuv);
        CheckDisjoint(MemoryMarshal.AsBytes(v), yuv);
        for (int i = Yuv444Vector.Interleave(y, u, v, yuv); i < y.Length; i++)
        {
            (yuv[3 * i], yuv[(3 * i) + 1], yuv[(3 * i) + 2]) = (y[i], u[i], v[i]);
        }
    }

    /// <summary>The definition of full swing, pixel by pixel.</summary>
    internal static void FromRgbFull<TPixels>(ReadOnlySpan<byte> pixels, Span<sbyte> yuv)
        where TPixels : struct, IRgbPixels
    {
        for (int i = 0, p = 0; i + 2 < yuv.Length; i += 3, p += TPixels.Channels)
        {
            int r = pixels[p + TPixels.Red], g = pixels[p + 1], b = pixels[p + 2 - TPixels.Red];

            // The +128 that centres chroma and the -128 that centres the image cancel; >> 8 floors, so + 128 rounds half up.
            yuv[i] = (sbyte)((((77 * r) + (150 * g) + (29 * b) + 128) >> 8) - 128);
            yuv[i + 1] = (sbyte)(((-43 * r) - (84 * g) + (127 * b) + 128) >> 8);
            yuv[i + 2] = (sbyte)(((127 * r) - (106 * g) - (21 * b) + 128) >> 8);
        }
    }

    private static void RowFromRgb<TPixels>(ReadOnlySpan<byte> pixels, Span<sbyte> yuv)
        where TPixels : struct, IRgbPixels
    {
        // Both forms give the same bytes; rows shorter than a vector are left to the plain one.
        int done = Yuv444Vector.FromRgbFull<TPixels>(pixels, yuv);
        FromRgbFull<TPixels>(pixels[(done * TPixels.Channels)..], yuv[(done * 3)..]);
    }

    private static void RowStudioSubsampled<TPixels>(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> chromaPixels, Span<sbyte> yuv)
        where TPixels : struct, IRgbPixels
    {
        for (int x = 0; 3 * x < yuv.Length; x++)
        {
            ReadOnlySpan<byte> pixel = pixels.Slice(x * TPixels.Channels, 3), chroma = chromaPixels.Slice((x & ~1) * TPixels.Channels, 3);
            Span<sbyte> to = yuv.Slice(3 * x, 3);
            int luma = ((269484 * pixel[TPixels.Red]) + (528482 * pixel[1]) + (102760 * pixel[2 - TPixels.Red]) + (16 << 20) + (1 << 19)) >> 20;
            int r = chroma[TPixels.Red], g = chroma[1], b = chroma[2 - TPixels.Red];
            to[0] = (sbyte)(luma - 128);
            to[1] = (sbyte)(((-155188 * r) - (305135 * g) + (460324 * b) + (1 << 19)) >> 20);
            to[2] = (sbyte)(((460324 * r) - (385875 * g) - (74448 * b) + (1 << 19)) >> 20);
        }
    }

    private static void CheckRow(ReadOnlySpan<byte> pixels, RgbOrder order, ReadOnlySpan<sbyte> yuv)
    {
        int channels = order switch
        {
            RgbOrder.Rgb or RgbOrder.Bgr => 3,
            RgbOrder.Bgra => 4,
            _ => throw new ArgumentOutOfRangeException(nameof(order), order, "The order of a pixel's bytes is Rgb, Bgr or Bgra."),
        };
        if (yuv.Length % 3 != 0 || pixels.Length != (long)yuv.Length / 3 * channels)
        {
            throw new ArgumentException($"{pixels.Length} bytes in the order {order} and {yuv.Length} values of Y, U and V are not the same number of pixels.");
        }

        CheckDisjoint(pixels, yuv);
    }

    private static void CheckDisjoint(ReadOnlySpan<byte> source, ReadOnlySpan<sbyte> destination)
    {
        if (source.Overlaps(MemoryMarshal.AsBytes(destination)))
        {
            throw new ArgumentException("The destination overlaps the source: pixels would be overwritten before their turn. Give it memory of its own.");
        }
    }
}
