using System.Buffers.Binary;
using System.IO.Compression;

namespace Tessera.Benchmarks.ImageDecoding;

/// <summary>The third candidate: .NET's own zlib with a plain managed filter loop; it also writes the files that all candidates read.</summary>
internal static class PngWriter
{
    /// <summary>An 8-bit PNG, gray (1 channel) or RGB (3), Paeth filter on every row, the usual choice of encoders for photos.</summary>
    public static byte[] Write(byte[] pixels, int height, int width, int channels)
    {
        int stride = width * channels;
        var rows = new byte[height * (stride + 1)];
        for (int y = 0; y < height; y++)
        {
            rows[y * (stride + 1)] = 4;
            for (int x = 0; x < stride; x++)
            {
                int a = x >= channels ? pixels[(y * stride) + x - channels] : 0;
                int b = y > 0 ? pixels[((y - 1) * stride) + x] : 0;
                int c = x >= channels && y > 0 ? pixels[((y - 1) * stride) + x - channels] : 0;
                rows[(y * (stride + 1)) + 1 + x] = (byte)(pixels[(y * stride) + x] - Paeth(a, b, c));
            }
        }

        using var body = new MemoryStream();
        using (var zlib = new ZLibStream(body, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = (byte)(channels == 3 ? 2 : 0);
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "IDAT"u8, body.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Decodes what <see cref="Write"/> wrote.</summary>
    public static byte[] InflateAndUnfilter(byte[] png, int height, int width, int channels)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using var zlib = new ZLibStream(new MemoryStream(png, 41, length), CompressionMode.Decompress);
        int stride = width * channels;
        var pixels = new byte[height * stride];
        var row = new byte[stride + 1];
        for (int y = 0; y < height; y++)
        {
            zlib.ReadExactly(row);
            Span<byte> current = pixels.AsSpan(y * stride, stride);
            ReadOnlySpan<byte> above = y > 0 ? pixels.AsSpan((y - 1) * stride, stride) : new byte[stride];
            for (int x = 0; x < stride; x++)
            {
                int a = x >= channels ? current[x - channels] : 0;
                int c = x >= channels ? above[x - channels] : 0;
                current[x] = (byte)(row[x + 1] + Paeth(a, above[x], c));
            }
        }

        return pixels;
    }

    private static int Paeth(int a, int b, int c)
    {
        int pa = Math.Abs(b - c), pb = Math.Abs(a - c), pc = Math.Abs(a + b - c - c);
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }

    private static void Chunk(Stream file, ReadOnlySpan<byte> type, byte[] content)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(type);
        file.Write(content);
        var crc = new Crc();
        crc.Add(type);
        crc.Add(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.Value);
        file.Write(number);
    }

    private struct Crc
    {
        private uint _state;

        public readonly uint Value => _state;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            uint state = ~_state;
            foreach (byte value in bytes)
            {
                state ^= value;
                for (int bit = 0; bit < 8; bit++)
                {
                    state = (state >> 1) ^ (0xEDB88320u & (0u - (state & 1)));
                }
            }

            _state = ~state;
        }
    }
}
