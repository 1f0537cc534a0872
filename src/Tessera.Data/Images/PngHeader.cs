using System.Buffers.Binary;

namespace Tessera.Data;

/// <summary>What a PNG file says about itself in its IHDR chunk (PNG specification, section 11.2.2).</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="BitDepth">Bits per sample: 1, 2, 4, 8 or 16.</param>
/// <param name="ColourType">0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGBA.</param>
internal readonly record struct PngHeader(int Height, int Width, int BitDepth, int ColourType)
{
    private const int Length = 29;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the header; false when the bytes are no PNG or end before its header does.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, out PngHeader header)
    {
        header = default;
        if (file.Length < Length || !file.StartsWith(Signature) || !file.Slice(12, 4).SequenceEqual("IHDR"u8))
        {
            return false;
        }

        header = new PngHeader(
            BinaryPrimitives.ReadInt32BigEndian(file[20..]), BinaryPrimitives.ReadInt32BigEndian(file[16..]), file[24], file[25]);
        return true;
    }

    /// <summary>The pixel format in words, for messages.</summary>
    public override string ToString() => ColourType switch
    {
        0 => $"{BitDepth}-bit gray",
        2 => $"{BitDepth}-bit RGB",
        3 => $"{BitDepth}-bit palette",
        4 => $"{BitDepth}-bit gray with alpha",
        6 => $"{BitDepth}-bit RGBA",
        _ => $"of unknown colour type {ColourType}",
    };
}
