using System.Buffers.Binary;
using System.IO.Compression;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Writes a class map as an 8-bit palette PNG: each byte stays the class index, and every viewer shows the class's colour.
/// Skia writes no palettes, hence these few lines of the PNG specification.
/// </summary>
internal static class PalettePng
{
    /// <summary>Encodes a map; indices without a class (255 = ignored among them) are black.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> classMap, int height, int width, ClassTable classes)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = 3;
        WriteChunk(file, "IHDR"u8, header);

        var palette = new byte[256 * 3];
        for (int i = 0; i < classes.Count; i++)
        {
            (palette[i * 3], palette[(i * 3) + 1], palette[(i * 3) + 2]) = (classes.Classes[i].Red, classes.Classes[i].Green, classes.Classes[i].Blue);
        }

        WriteChunk(file, "PLTE"u8, palette);
        WriteChunk(file, "IDAT"u8, Compress(classMap, height, width));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Compress(ReadOnlySpan<byte> values, int height, int width)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(values.Slice(y * width, width));
            }
        }

        return compressed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        byte[] typed = [.. type, .. content];
        file.Write(typed);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(typed));
        file.Write(number);
    }
}
