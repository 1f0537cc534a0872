using System.Buffers;
using System.Runtime.Intrinsics;
using SkiaSharp;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// The only place that knows Skia: bytes of an image file to pixels and back, with neither colour management nor premultiplied alpha.
/// </summary>
internal static unsafe class SkiaImages
{
    /// <summary>Decodes to three bytes per pixel, upright, into <paramref name="pixels"/>, which grows where it is too small.</summary>
    /// <param name="file">The content of a PNG or JPEG file.</param>
    /// <param name="header">Its header, which has been checked.</param>
    /// <param name="name">The file or record, for messages.</param>
    /// <param name="swapRedBlue">Whether the third stored channel comes first, as HAT's records need it.</param>
    /// <param name="pixels">Receives H·W·3 bytes.</param>
    /// <exception cref="BadFileException">The file is truncated or damaged.</exception>
    public static void DecodeColour(ReadOnlySpan<byte> file, ImageHeader header, string name, bool swapRedBlue, ref byte[] pixels)
    {
        int count = checked(header.StoredHeight * header.StoredWidth);
        byte[] quads = ArrayPool<byte>.Shared.Rent(checked(count * 4));
        try
        {
            Decode(file, header, name, swapRedBlue ? SKColorType.Bgra8888 : SKColorType.Rgba8888, 4, quads);
            if (pixels.Length < count * 3)
            {
                pixels = new byte[count * 3];
            }

            DropFourthByte(quads.AsSpan(0, count * 4), pixels.AsSpan(0, count * 3));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(quads);
        }

        if (header.Orientation != ExifOrientation.Upright)
        {
            pixels = ExifOrientation.Turn(pixels, header.StoredHeight, header.StoredWidth, 3, header.Orientation);
        }
    }

    /// <summary>Decodes an 8-bit gray PNG to its stored values, upright; the caller has checked the PNG header.</summary>
    /// <exception cref="BadFileException">The file is truncated or damaged.</exception>
    public static byte[] DecodeGray(ReadOnlySpan<byte> file, ImageHeader header, string name)
    {
        var values = new byte[checked(header.StoredHeight * header.StoredWidth)];
        Decode(file, header, name, SKColorType.Gray8, 1, values);
        return header.Orientation == ExifOrientation.Upright ? values : ExifOrientation.Turn(values, header.StoredHeight, header.StoredWidth, 1, header.Orientation);
    }

    /// <summary>Encodes three bytes per pixel as an RGB PNG; with <paramref name="swapRedBlue"/> the first byte is stored as the third channel.</summary>
    public static byte[] EncodeColour(ReadOnlySpan<byte> pixels, int height, int width, bool swapRedBlue) =>
        EncodeQuads(pixels, height, width, swapRedBlue, EncodePng);

    /// <summary>Encodes three bytes per pixel as a JPEG with chroma for every pixel, because swapped channels would suffer from less.</summary>
    public static byte[] EncodeJpeg(ReadOnlySpan<byte> pixels, int height, int width, bool swapRedBlue, int quality) =>
        EncodeQuads(pixels, height, width, swapRedBlue, pixmap => pixmap.Encode(new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore)));

    /// <summary>Encodes one byte per pixel as an 8-bit gray PNG.</summary>
    public static byte[] EncodeGray(ReadOnlySpan<byte> values, int height, int width) =>
        Encode(values, height, width, SKColorType.Gray8, 1, EncodePng);

    private static void Decode(ReadOnlySpan<byte> file, ImageHeader header, string name, SKColorType type, int pixelBytes, byte[] pixels)
    {
        ReadOnlySpan<byte> content = header.IsPng ? PngContent.PixelsOnly(file) : file;
        fixed (byte* start = content)
        {
            using SKData data = SKData.Create((nint)start, content.Length);
            using SKCodec? codec = SKCodec.Create(data);

            // The buffer has the size of the header that was checked, so Skia must have read the same one.
            if (codec is null || (codec.Info.Height, codec.Info.Width) != (header.StoredHeight, header.StoredWidth))
            {
                throw new BadFileException($"{name}, {(header.IsPng ? "a PNG" : "a JPEG")} image of {header.StoredHeight}x{header.StoredWidth}, has a damaged header. Fetch it again from its source.");
            }

            // Without a colour space in the wanted format Skia converts no colours: bytes come out as they are stored.
            var info = new SKImageInfo(header.StoredWidth, header.StoredHeight, type, codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
            fixed (byte* target = pixels)
            {
                // Skia fills what it could not read with black and says so in its result alone.
                SKCodecResult result = codec.GetPixels(info, (nint)target, info.Width * pixelBytes, SKCodecOptions.Default);
                if (result != SKCodecResult.Success)
                {
                    string fault = result == SKCodecResult.IncompleteInput ? "ends too early (it is truncated)" : $"is damaged: its pixels cannot be decoded ({result})";
                    throw new BadFileException($"{name}, an image of {info.Height}x{info.Width}, {fault}. Fetch it again from its source.");
                }
            }
        }
    }

    private static byte[] EncodeQuads(ReadOnlySpan<byte> pixels, int height, int width, bool swapRedBlue, Func<SKPixmap, SKData?> encode)
    {
        int count = checked(height * width);
        byte[] quads = ArrayPool<byte>.Shared.Rent(count * 4);
        try
        {
            for (int from = 0, to = 0; from < count * 3; from += 3, to += 4)
            {
                (quads[to], quads[to + 1], quads[to + 2], quads[to + 3]) = (pixels[from], pixels[from + 1], pixels[from + 2], 255);
            }

            return Encode(quads, height, width, swapRedBlue ? SKColorType.Bgra8888 : SKColorType.Rgba8888, 4, encode);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(quads);
        }
    }

    // One filter decodes fastest and costs about a tenth in size: docs/decisions/0001-image-library.md.
    private static SKData? EncodePng(SKPixmap pixmap) => pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 6));

    private static byte[] Encode(ReadOnlySpan<byte> pixels, int height, int width, SKColorType type, int pixelBytes, Func<SKPixmap, SKData?> encode)
    {
        fixed (byte* start = pixels)
        {
            var info = new SKImageInfo(width, height, type, SKAlphaType.Opaque);
            using var pixmap = new SKPixmap(info, (nint)start, width * pixelBytes);
            using SKData? encoded = encode(pixmap);
            return encoded?.ToArray() ?? throw new WorkException($"An image of {height}x{width} could not be encoded; the memory may not suffice.");
        }
    }

    private static void DropFourthByte(ReadOnlySpan<byte> quads, Span<byte> triples)
    {
        int from = 0, to = 0;

        // 16 bytes (4 pixels) become 12; the 4 surplus bytes of each store are overwritten by the next one, so 16 must fit.
        Vector128<byte> order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        for (; to + 16 <= triples.Length; from += 16, to += 12)
        {
            Vector128.Shuffle(Vector128.Create(quads[from..]), order).CopyTo(triples[to..]);
        }

        for (; from < quads.Length; from += 4, to += 3)
        {
            (triples[to], triples[to + 1], triples[to + 2]) = (quads[from], quads[from + 1], quads[from + 2]);
        }
    }
}
