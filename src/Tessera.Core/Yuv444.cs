namespace Tessera.Core;

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
    /// <exception cref="ArgumentException">A length does not match, or a size is odd where it must be even.</exception>
    public static void FromRgb(ReadOnlySpan<byte> rgb, Span<sbyte> yuv, int height, int width, YuvSwing swing)
    {
        int length = checked(height * width * 3);
        if (rgb.Length != length || yuv.Length != length)
        {
            throw new ArgumentException($"An image of {height}x{width} has {length} values; the source has {rgb.Length}, the destination {yuv.Length}.");
        }

        if (swing == YuvSwing.Full)
        {
            // Both forms give the same bytes; the vector form leaves the last few pixels to the plain one.
            int done = Yuv444Vector.FromRgbFull(rgb, yuv);
            FromRgbFull(rgb[done..], yuv[done..]);
        }
        else
        {
            FromRgbStudioSubsampled(rgb, yuv, height, width);
        }
    }

    /// <summary>The definition of full swing, pixel by pixel.</summary>
    internal static void FromRgbFull(ReadOnlySpan<byte> rgb, Span<sbyte> yuv)
    {
        for (int i = 0; i + 2 < rgb.Length && i + 2 < yuv.Length; i += 3)
        {
            int r = rgb[i], g = rgb[i + 1], b = rgb[i + 2];

            // The +128 that centres chroma and the -128 that centres the image cancel; >> 8 floors, so + 128 rounds half up.
            yuv[i] = (sbyte)((((77 * r) + (150 * g) + (29 * b) + 128) >> 8) - 128);
            yuv[i + 1] = (sbyte)(((-43 * r) - (84 * g) + (127 * b) + 128) >> 8);
            yuv[i + 2] = (sbyte)(((127 * r) - (106 * g) - (21 * b) + 128) >> 8);
        }
    }

    private static void FromRgbStudioSubsampled(ReadOnlySpan<byte> rgb, Span<sbyte> yuv, int height, int width)
    {
        if (((height | width) & 1) != 0)
        {
            throw new ArgumentException($"Chroma subsampling needs an even height and width; the image is {height}x{width}.");
        }

        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = ((y * width) + x) * 3;
                int chroma = (((y & ~1) * width) + (x & ~1)) * 3;
                int luma = ((269484 * rgb[i]) + (528482 * rgb[i + 1]) + (102760 * rgb[i + 2]) + (16 << 20) + (1 << 19)) >> 20;
                int r = rgb[chroma], g = rgb[chroma + 1], b = rgb[chroma + 2];
                yuv[i] = (sbyte)(luma - 128);
                yuv[i + 1] = (sbyte)(((-155188 * r) - (305135 * g) + (460324 * b) + (1 << 19)) >> 20);
                yuv[i + 2] = (sbyte)(((460324 * r) - (385875 * g) - (74448 * b) + (1 << 19)) >> 20);
            }
        }
    }
}
