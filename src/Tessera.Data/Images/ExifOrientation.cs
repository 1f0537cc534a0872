using System.Buffers.Binary;

namespace Tessera.Data;

/// <summary>
/// The orientation that a camera notes beside an image instead of turning it (EXIF 2.32, tag 0x0112): 1 as it stands, 2 mirrored, 3 half a turn,
/// 4 upside down and mirrored, 5 and 7 transposed along a diagonal, 6 and 8 a quarter turn.
/// </summary>
internal static class ExifOrientation
{
    /// <summary>As it stands.</summary>
    public const int Upright = 1;

    private const ushort Tag = 0x0112;
    private const ushort Short = 3;
    private const ushort Long = 4;

    /// <summary>Whether height and width change places.</summary>
    public static bool SwapsSides(int orientation) => orientation >= 5;

    /// <summary>Reads the orientation of an EXIF block, with or without "Exif" in front; upright where it says none or an impossible one.</summary>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        ReadOnlySpan<byte> tiff = exif.Length >= 6 && exif.StartsWith("Exif\0"u8) ? exif[6..] : exif;
        bool little = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || (!little && !tiff.StartsWith("MM\0*"u8)))
        {
            return Upright;
        }

        uint directory = Number32(tiff[4..], little);
        if (directory > tiff.Length - 2)
        {
            return Upright;
        }

        ReadOnlySpan<byte> entries = tiff[((int)directory + 2)..];
        for (int i = 0, count = Number16(tiff[(int)directory..], little); i < count && entries.Length >= (i + 1) * 12; i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(i * 12, 12);
            if (Number16(entry, little) == Tag)
            {
                uint value = Number16(entry[2..], little) switch { Short => Number16(entry[8..], little), Long => Number32(entry[8..], little), _ => Upright };
                return value is >= 1 and <= 8 ? (int)value : Upright;
            }
        }

        return Upright;
    }

    /// <summary>Turns pixels upright.</summary>
    /// <param name="source">height·width·channels bytes as they are stored.</param>
    /// <param name="height">Rows as stored.</param>
    /// <param name="width">Columns as stored.</param>
    /// <param name="channels">Bytes per pixel.</param>
    /// <param name="orientation">1 to 8.</param>
    /// <returns>As many bytes; height and width have changed places where <see cref="SwapsSides"/> says so.</returns>
    public static byte[] Turn(ReadOnlySpan<byte> source, int height, int width, int channels, int orientation)
    {
        var turned = new byte[height * width * channels];
        (int rows, int columns) = SwapsSides(orientation) ? (width, height) : (height, width);
        for (int y = 0, to = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                (int fromRow, int fromColumn) = orientation switch
                {
                    2 => (y, width - 1 - x),
                    3 => (height - 1 - y, width - 1 - x),
                    4 => (height - 1 - y, x),
                    5 => (x, y),
                    6 => (height - 1 - x, y),
                    7 => (height - 1 - x, width - 1 - y),
                    8 => (x, width - 1 - y),
                    _ => (y, x),
                };
                int from = ((fromRow * width) + fromColumn) * channels;
                for (int channel = 0; channel < channels; channel++)
                {
                    turned[to++] = source[from + channel];
                }
            }
        }

        return turned;
    }

    private static ushort Number16(ReadOnlySpan<byte> bytes, bool little) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Number32(ReadOnlySpan<byte> bytes, bool little) => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
