using System.Buffers.Binary;
using System.IO.Compression;

namespace Tessera.Samples;

/// <summary>
/// Reads the PNG files that cameras' tools and data sets write: 8 bits, gray or RGB, with or without alpha (which is dropped), not interlaced.
/// An application that reads other pictures takes an image library; the segmenter wants nothing but bytes.
/// </summary>
internal static class PngReader
{
    private const int MaxSide = 65_535;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no PNG, damaged, or of a kind that is not read here.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Picture Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (!file.AsSpan().StartsWith(Signature))
        {
            throw new InvalidDataException($"{path} is not a PNG file.");
        }

        ReadOnlySpan<byte> header = default;
        using var compressed = new MemoryStream(file.Length);
        for (int at = Signature.Length; at <= file.Length - 12;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
            {
                throw new InvalidDataException($"{path} is cut off.");
            }

            ReadOnlySpan<byte> type = file.AsSpan(at + 4, 4), data = file.AsSpan(at + 8, (int)length);
            header = type.SequenceEqual("IHDR"u8) ? data : header;
            if (type.SequenceEqual("IDAT"u8))
            {
                compressed.Write(data);
            }

            at += 12 + (int)length;
        }

        return Decode(path, header, compressed);
    }

    private static Picture Decode(string path, ReadOnlySpan<byte> header, MemoryStream compressed)
    {
        if (header.Length != 13 || header[8] != 8 || header[9] is not (0 or 2 or 4 or 6) || header[12] != 0)
        {
            throw new InvalidDataException($"{path}: only PNG files of 8 bits, gray or RGB, not interlaced are read. Convert it, for example: magick {path} -depth 8 PNG24:picture.png");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(header), height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        int channels = header[9] switch { 0 => 1, 2 => 3, 4 => 2, _ => 4 };
        if (width is 0 or > MaxSide || height is 0 or > MaxSide || (long)width * height > Array.MaxLength / 4)
        {
            throw new InvalidDataException($"{path}: {width}x{height} is no size of a picture that is read here.");
        }

        var pixels = new byte[width * height * 3];
        byte[] row = new byte[width * channels], above = new byte[width * channels];
        compressed.Position = 0;
        using var unpacked = new ZLibStream(compressed, CompressionMode.Decompress);
        try
        {
            for (int y = 0; y < height; y++)
            {
                int filter = unpacked.ReadByte();
                unpacked.ReadExactly(row);
                Unfilter(filter, row, above, channels);
                ToRgb(row, channels, pixels.AsSpan((int)(y * width * 3), (int)width * 3));
                (row, above) = (above, row);
            }
        }
        catch (Exception fault) when (fault is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException($"{path} is damaged.", fault);
        }

        return new Picture((int)width, (int)height, pixels);
    }

    /// <summary>PNG stores a row as differences from the pixels to the left and above (ISO/IEC 15948, section 9).</summary>
    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int channels)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < channels ? 0 : row[i - channels], corner = i < channels ? 0 : above[i - channels];
            row[i] += filter switch
            {
                0 => 0,
                1 => (byte)left,
                2 => above[i],
                3 => (byte)((left + above[i]) / 2),
                4 => Paeth(left, above[i], corner),
                _ => throw new InvalidDataException("There are five filters."),
            };
        }
    }

    private static byte Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left), toAbove = Math.Abs(estimate - above), toCorner = Math.Abs(estimate - corner);
        return (byte)(toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner);
    }

    private static void ToRgb(ReadOnlySpan<byte> row, int channels, Span<byte> rgb)
    {
        for (int i = 0, x = 0; i < rgb.Length; i += 3, x += channels)
        {
            (rgb[i], rgb[i + 1], rgb[i + 2]) = channels < 3 ? (row[x], row[x], row[x]) : (row[x], row[x + 1], row[x + 2]);
        }
    }
}
