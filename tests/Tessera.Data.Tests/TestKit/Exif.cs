using System.Buffers.Binary;
using SkiaSharp;

namespace Tessera.Data.Tests;

/// <summary>Images that are stored turned, with the EXIF orientation that turns them back. Written from the EXIF standard's words, not from the code under test.</summary>
public static class Exif
{
    // Which side of the upright image the first stored row and the first stored column are (EXIF 2.32, tag 0x0112).
    private static readonly (char Row, char Column)[] Sides = [('T', 'L'), ('T', 'R'), ('B', 'R'), ('B', 'L'), ('L', 'T'), ('R', 'T'), ('R', 'B'), ('L', 'B')];

    /// <summary>The bytes of an upright image as a camera with this orientation stores them.</summary>
    public static (byte[] Stored, int Height, int Width) Store(byte[] upright, int height, int width, int channels, int orientation)
    {
        (char row, char column) = Sides[orientation - 1];
        bool swaps = row is 'L' or 'R';
        (int rows, int columns) = swaps ? (width, height) : (height, width);
        var stored = new byte[upright.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                int y = Along('T', 'B', r, c, height), x = Along('L', 'R', r, c, width);
                upright.AsSpan(((y * width) + x) * channels, channels).CopyTo(stored.AsSpan(((r * columns) + c) * channels));
            }
        }

        return (stored, rows, columns);

        int Along(char first, char last, int r, int c, int length) =>
            row == first ? r : row == last ? length - 1 - r : column == first ? c : length - 1 - c;
    }

    /// <summary>An EXIF block with nothing but the orientation.</summary>
    public static byte[] Block(int orientation, bool little = true)
    {
        var tiff = new byte[26];
        (little ? "II*\0"u8 : "MM\0*"u8).CopyTo(tiff);
        Write32(4, 8);
        Write16(8, 1);
        Write16(10, 0x0112);
        Write16(12, 3);
        Write32(14, 1);
        Write16(18, (ushort)orientation);
        return tiff;

        void Write16(int at, ushort value)
        {
            if (little)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(at), value);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(at), value);
            }
        }

        void Write32(int at, uint value)
        {
            if (little)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(at), value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(tiff.AsSpan(at), value);
            }
        }
    }

    /// <summary>A JPEG with the orientation in APP1, behind an APP0 as cameras write it.</summary>
    public static byte[] Jpeg(byte[] jpeg, int orientation, bool little = true)
    {
        byte[] content = [.. "Exif\0\0"u8, .. Block(orientation, little)];
        int length = content.Length + 2;
        return [.. jpeg[..2], 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. content, .. jpeg[2..]];
    }

    /// <summary>A JPEG of high quality with full chroma.</summary>
    public static byte[] EncodeJpeg(byte[] rgb, int height, int width)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int i = 0; i < height * width; i++)
        {
            bitmap.SetPixel(i % width, i / width, new SKColor(rgb[i * 3], rgb[(i * 3) + 1], rgb[(i * 3) + 2]));
        }

        using SKPixmap pixmap = bitmap.PeekPixels()!;
        using SKData data = pixmap.Encode(new SKJpegEncoderOptions(100, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore))!;
        return data.ToArray();
    }
}
