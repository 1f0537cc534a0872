namespace Tessera.Data;

/// <summary>What a file's first bytes say it is. The content decides, never the name: a .png that holds a JPEG is read as a JPEG.</summary>
internal static class ImageSignature
{
    private static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsPng(ReadOnlySpan<byte> file) => file.StartsWith(Png);

    public static bool IsJpeg(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <summary>In words: "a GIF image", or that it is nothing known.</summary>
    public static string Describe(ReadOnlySpan<byte> file)
    {
        if (file.Length == 0)
        {
            return "an empty file";
        }

        if (IsPng(file) || IsJpeg(file))
        {
            return IsPng(file) ? "a PNG image" : "a JPEG image";
        }

        ReadOnlySpan<byte> brand = file.Length >= 12 ? file.Slice(8, 4) : default;
        return file switch
        {
            _ when file.StartsWith("GIF8"u8) => "a GIF image",
            _ when file.StartsWith("BM"u8) => "a BMP image",
            _ when file.StartsWith("RIFF"u8) && brand.SequenceEqual("WEBP"u8) => "a WebP image",
            _ when file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8) => "a TIFF image",
            _ when file.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0]) || file.StartsWith((ReadOnlySpan<byte>)[0, 0, 2, 0]) => "an ICO image",
            _ when IsBoxed(file) && (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8)) => "an AVIF image",
            _ when IsBoxed(file) && (brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8)) => "a HEIF image",
            _ when IsBoxed(file) => "a video or another file of MPEG-4 boxes",
            _ when file.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 12, (byte)'j', (byte)'P']) || file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]) => "a JPEG 2000 image",
            _ when file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || file.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 12, (byte)'J', (byte)'X']) => "a JPEG XL image",
            _ when file.Length > 2 && file[0] == 'P' && file[1] is >= (byte)'1' and <= (byte)'7' && char.IsWhiteSpace((char)file[2]) => "a PNM image",
            _ when file.StartsWith("qoif"u8) => "a QOI image",
            _ when file.StartsWith("8BPS"u8) => "a Photoshop file",
            _ when file.StartsWith("%PDF"u8) => "a PDF document",
            _ when file.StartsWith((ReadOnlySpan<byte>)[0x76, 0x2F, 0x31, 0x01]) => "an OpenEXR image",
            _ when file.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M']) => "a NumPy array",
            _ when file.StartsWith("PK\u0003\u0004"u8) => "a ZIP archive",
            _ when file.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) => "a gzip archive",
            _ when file.StartsWith((ReadOnlySpan<byte>)[0, 5, 0x16, 7]) => "a side file of macOS (AppleDouble)",
            _ when file.StartsWith("version https://git-lfs"u8) => "a Git LFS pointer, not the file that it stands for",
            _ when file.StartsWith("<svg"u8) || file.StartsWith("<?xml"u8) => "an SVG or XML text",
            _ when file.StartsWith("<!"u8) || file.StartsWith("<html"u8) => "a web page",
            _ => "no known kind of image",
        };
    }

    /// <summary>The ISO base media format, whose first box names the kind.</summary>
    private static bool IsBoxed(ReadOnlySpan<byte> file) => file.Length >= 12 && file.Slice(4, 4).SequenceEqual("ftyp"u8);
}
