using System.Buffers.Binary;
using System.IO.Compression;

namespace Tessera.Samples;

/// <summary>Writes PNG files of 8-bit RGB.</summary>
internal static class PngWriter
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    /// <summary>Writes a file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Picture picture)
    {
        using var compressed = new MemoryStream();
        using (var packer = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            int rowBytes = picture.Width * 3;
            byte[] filtered = new byte[1 + rowBytes];
            filtered[0] = 1; // differences from the pixel to the left
            for (int y = 0; y < picture.Height; y++)
            {
                ReadOnlySpan<byte> row = picture.Pixels.AsSpan(y * rowBytes, rowBytes);
                for (int i = 0; i < rowBytes; i++)
                {
                    filtered[1 + i] = (byte)(row[i] - (i < 3 ? 0 : row[i - 3]));
                }

                packer.Write(filtered);
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        (header[8], header[9]) = (8, 2);
        using FileStream file = File.Create(path);
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(file, "IEND"u8, default);
    }

    private static void WriteChunk(FileStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(data, Crc(type, uint.MaxValue)));
        file.Write(number);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes, uint crc)
    {
        foreach (byte value in bytes)
        {
            crc = CrcTable[(byte)crc ^ value] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint CrcOf(int value)
    {
        uint crc = (uint)value;
        for (int bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return crc;
    }
}
