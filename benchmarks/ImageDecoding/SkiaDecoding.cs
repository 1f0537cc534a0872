using SkiaSharp;

namespace Tessera.Benchmarks.ImageDecoding;

internal static class SkiaDecoding
{
    /// <summary>RGB bytes; Skia has no 24-bit format, so the fourth byte is dropped afterwards.</summary>
    public static byte[] Rgb(byte[] png)
    {
        byte[] rgba = Pixels(png, SKColorType.Rgba8888, 4);
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }

        return rgb;
    }

    public static byte[] Gray(byte[] png) => Pixels(png, SKColorType.Gray8, 1);

    public static unsafe byte[] Encode(byte[] rgb, int height, int width, SKPngEncoderFilterFlags filter, int level)
    {
        var rgba = new byte[height * width * 4];
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
        {
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        }

        fixed (byte* pixels = rgba)
        {
            using var pixmap = new SKPixmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)pixels);
            using SKData data = pixmap.Encode(new SKPngEncoderOptions(filter, level)) ?? throw new InvalidOperationException("Not encoded.");
            return data.ToArray();
        }
    }

    private static unsafe byte[] Pixels(byte[] png, SKColorType type, int bytes)
    {
        using SKData data = SKData.CreateCopy(png);
        using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException("Not an image.");
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, type, SKAlphaType.Opaque);
        var pixels = new byte[info.Width * info.Height * bytes];
        fixed (byte* start = pixels)
        {
            SKCodecResult result = codec.GetPixels(info, (nint)start, info.RowBytes, SKCodecOptions.Default);
            return result == SKCodecResult.Success ? pixels : throw new InvalidDataException(result.ToString());
        }
    }
}
