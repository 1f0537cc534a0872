using System.Buffers.Binary;
using System.IO.Compression;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Reads the indices of a palette PNG, which Skia hides behind their colours: PNG specification sections 5, 7.2, 9 and 10, without interlacing.
/// </summary>
internal static class PngIndices
{
    private const int SignatureLength = 8;
    private const int InterlaceOffset = 28;

    /// <summary>Decodes a file whose header says colour type 3.</summary>
    /// <exception cref="BadFileException">The file is truncated, damaged or interlaced.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> file, PngHeader header, string name)
    {
        if (header.Height < 1 || header.Width < 1 || header.BitDepth is not (1 or 2 or 4 or 8) || file[InterlaceOffset] != 0)
        {
            throw new BadFileException($"The label {name} is {header}, {header.Height}x{header.Width}, {(file[InterlaceOffset] != 0 ? "interlaced" : "an impossible format")}. Save it without interlacing.");
        }

        int stride = (int)((((long)header.Width * header.BitDepth) + 7) / 8);
        var rows = new byte[checked(header.Height * (stride + 1))];
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(PixelData(file, name)), CompressionMode.Decompress);
            zlib.ReadExactly(rows);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(name, "its pixels cannot be decompressed", fault);
        }

        return Unpack(Unfilter(rows, header.Height, stride, name), header, stride);
    }

    /// <summary>The bytes of all IDAT chunks, their checksums verified.</summary>
    private static byte[] PixelData(ReadOnlySpan<byte> file, string name)
    {
        using var data = new MemoryStream();
        for (int at = SignatureLength; ;)
        {
            long length = at + 12 <= file.Length ? BinaryPrimitives.ReadUInt32BigEndian(file[at..]) : long.MaxValue / 2;
            if (at + 12 + length > file.Length)
            {
                throw Damaged(name, "it ends too early (it is truncated)");
            }

            ReadOnlySpan<byte> typed = file.Slice(at + 4, 4 + (int)length);
            if (Crc32.Of(typed) != BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..]))
            {
                throw Damaged(name, $"the checksum at byte {at} is wrong");
            }

            if (typed.StartsWith("IEND"u8))
            {
                return data.ToArray();
            }

            if (typed.StartsWith("IDAT"u8))
            {
                data.Write(typed[4..]);
            }

            at += 12 + (int)length;
        }
    }

    /// <summary>Undoes the row filters in place. The filter's pixel distance is one byte at depths up to 8.</summary>
    private static byte[] Unfilter(byte[] rows, int height, int stride, string name)
    {
        for (int y = 0; y < height; y++)
        {
            int filter = rows[y * (stride + 1)], start = (y * (stride + 1)) + 1;
            for (int x = 0; x < stride; x++)
            {
                int left = x > 0 ? rows[start + x - 1] : 0, up = y > 0 ? rows[start + x - stride - 1] : 0, corner = x > 0 && y > 0 ? rows[start + x - stride - 2] : 0;
                rows[start + x] += filter switch
                {
                    0 => 0,
                    1 => (byte)left,
                    2 => (byte)up,
                    3 => (byte)((left + up) / 2),
                    4 => (byte)Paeth(left, up, corner),
                    _ => throw Damaged(name, $"row {y} has the unknown filter {filter}"),
                };
            }
        }

        return rows;
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    /// <summary>One byte per index; several indices of a byte stand from its high bits down.</summary>
    private static byte[] Unpack(byte[] rows, PngHeader header, int stride)
    {
        var values = new byte[header.Height * header.Width];
        int perByte = 8 / header.BitDepth, mask = (1 << header.BitDepth) - 1;
        for (int y = 0; y < header.Height; y++)
        {
            int start = (y * (stride + 1)) + 1;
            for (int x = 0; x < header.Width; x++)
            {
                int shift = 8 - (header.BitDepth * ((x % perByte) + 1));
                values[(y * header.Width) + x] = (byte)((rows[start + (x / perByte)] >> shift) & mask);
            }
        }

        return values;
    }

    private static BadFileException Damaged(string name, string what, Exception? fault = null) => new($"The label {name} is damaged: {what}. Fetch it again from its source.", fault);
}
