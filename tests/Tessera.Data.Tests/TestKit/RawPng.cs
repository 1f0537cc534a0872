using System.Buffers.Binary;
using System.IO.Compression;

namespace Tessera.Data.Tests;

/// <summary>Writes PNG files of any pixel format, also those that no label may have.</summary>
public static class RawPng
{
    /// <summary>Unfiltered rows of raw sample bytes; extra chunks stand before the pixels.</summary>
    public static byte[] Write(int height, int width, int bitDepth, int colourType, byte[] rows, params (string Type, byte[] Content)[] extra)
    {
        int stride = rows.Length / height;
        byte[] filtered = [.. Enumerable.Range(0, height).SelectMany(y => rows.Skip(y * stride).Take(stride).Prepend((byte)0))];
        return Assemble(height, width, bitDepth, colourType, filtered, extra);
    }

    /// <summary>An 8-bit palette file all of whose rows use one filter, filtered as the PNG specification defines it.</summary>
    public static byte[] Filtered(LabelImage label, int filter, byte[] palette)
    {
        var rows = new byte[label.Values.Length + label.Height];
        for (int y = 0, to = 0; y < label.Height; y++)
        {
            rows[to++] = (byte)filter;
            for (int x = 0; x < label.Width; x++)
            {
                int a = At(y, x - 1), b = At(y - 1, x), c = At(y - 1, x - 1), p = a + b - c;
                int nearest = new[] { a, b, c }.MinBy(value => Math.Abs(p - value));
                rows[to++] = (byte)(At(y, x) - new[] { 0, a, b, (a + b) / 2, nearest }[filter]);
            }
        }

        return Assemble(label.Height, label.Width, 8, 3, rows, [("PLTE", palette)]);

        int At(int y, int x) => y < 0 || x < 0 ? 0 : label.Values[(y * label.Width) + x];
    }

    /// <summary>A file whose header is replaced by another size, its checksum right.</summary>
    public static byte[] WithHeader(byte[] png, uint height, uint width)
    {
        byte[] file = [.. png];
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), Crc(file[12..29]));
        return file;
    }

    /// <summary>Unfiltered rows of 8-bit samples, behind which the compressed data go on for as many zeros as given.</summary>
    public static byte[] WriteEndless(int height, int width, int colourType, byte[] rows, int surplus)
    {
        int stride = rows.Length / height;
        byte[] filtered = [.. Enumerable.Range(0, height).SelectMany(y => rows.Skip(y * stride).Take(stride).Prepend((byte)0))];
        return Assemble(height, width, 8, colourType, [.. filtered, .. new byte[surplus]], colourType == 3 ? [("PLTE", new byte[768])] : []);
    }

    /// <summary>Bytes as a zlib stream.</summary>
    public static byte[] Deflate(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(content);
        }

        return packed.ToArray();
    }

    private static byte[] Assemble(int height, int width, int bitDepth, int colourType, byte[] filteredRows, (string Type, byte[] Content)[] extra)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)bitDepth;
        header[9] = (byte)colourType;
        Chunk(file, "IHDR", header);
        foreach ((string type, byte[] content) in extra)
        {
            Chunk(file, type, content);
        }

        Chunk(file, "IDAT", Deflate(filteredRows));
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] content)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. content];
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        uint state = uint.MaxValue;
        foreach (byte value in bytes)
        {
            state ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                state = (state & 1) != 0 ? (state >> 1) ^ 0xEDB88320u : state >> 1;
            }
        }

        return ~state;
    }
}
