using System.IO.Compression;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Reads the indices of a palette PNG, which Skia hides behind their colours: PNG specification sections 5, 7.2, 9 and 10, without interlacing.
/// </summary>
internal static class PngIndices
{
    /// <summary>Decodes a file whose header says colour type 3 and has been checked.</summary>
    /// <exception cref="BadFileException">The file is truncated, damaged or interlaced.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> file, PngHeader header, string name)
    {
        if (header.Interlaced)
        {
            throw new BadFileException($"The label {name} is an interlaced palette PNG, which is not read. Save it without interlacing.");
        }

        int height = (int)header.Height, stride = (int)header.Stride;
        var rows = new byte[checked(height * (stride + 1))];
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(PixelData(file, name)), CompressionMode.Decompress);
            zlib.ReadExactly(rows);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(name, "its pixels cannot be decompressed", fault);
        }

        return Unpack(Unfilter(rows, height, stride, name), height, (int)header.Width, header.BitDepth, stride);
    }

    /// <summary>The bytes of all IDAT chunks, their checksums verified.</summary>
    private static byte[] PixelData(ReadOnlySpan<byte> file, string name)
    {
        using var data = new MemoryStream();
        var chunks = new PngChunks(file);
        while (chunks.MoveNext())
        {
            if (!chunks.ChecksumIsRight)
            {
                throw Damaged(name, $"the checksum of the chunk at byte {chunks.Start} is wrong");
            }

            if (chunks.Type.SequenceEqual("IDAT"u8))
            {
                data.Write(chunks.Content);
            }
        }

        return chunks.Ended ? data.ToArray() : throw Damaged(name, "it ends too early (it is truncated)");
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
    private static byte[] Unpack(byte[] rows, int height, int width, int depth, int stride)
    {
        var values = new byte[height * width];
        int perByte = 8 / depth, mask = (1 << depth) - 1;
        for (int y = 0; y < height; y++)
        {
            int start = (y * (stride + 1)) + 1;
            for (int x = 0; x < width; x++)
            {
                int shift = 8 - (depth * ((x % perByte) + 1));
                values[(y * width) + x] = (byte)((rows[start + (x / perByte)] >> shift) & mask);
            }
        }

        return values;
    }

    private static BadFileException Damaged(string name, string what, Exception? fault = null) => new($"The label {name} is damaged: {what}. Fetch it again from its source.", fault);
}
