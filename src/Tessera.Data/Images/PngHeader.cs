using System.Buffers.Binary;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>What a PNG file says about itself in its IHDR chunk (PNG specification, section 11.2.2).</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="BitDepth">Bits per sample: 1, 2, 4, 8 or 16.</param>
/// <param name="ColourType">0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGBA.</param>
/// <param name="Interlaced">Whether rows stand in the order of Adam7.</param>
internal readonly record struct PngHeader(uint Height, uint Width, int BitDepth, int ColourType, bool Interlaced)
{
    private const int Length = 29;

    // No deflate stream expands more: 258 bytes take at least 2 bits.
    private const int MostExpansion = 1032;

    /// <summary>Reads the header; false when the bytes are no PNG or end before its header does.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, out PngHeader header)
    {
        header = default;
        if (file.Length < Length || !ImageSignature.IsPng(file) || !file.Slice(12, 4).SequenceEqual("IHDR"u8))
        {
            return false;
        }

        header = new PngHeader(BinaryPrimitives.ReadUInt32BigEndian(file[20..]), BinaryPrimitives.ReadUInt32BigEndian(file[16..]), file[24], file[25], file[28] != 0);
        return true;
    }

    /// <summary>Bytes of a row without its filter's byte.</summary>
    public long Stride => (((long)Width * BitDepth * SamplesPerPixel) + 7) / 8;

    private int SamplesPerPixel => ColourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    private bool IsPossible => ColourType switch
    {
        0 => BitDepth is 1 or 2 or 4 or 8 or 16,
        2 or 4 or 6 => BitDepth is 8 or 16,
        3 => BitDepth is 1 or 2 or 4 or 8,
        _ => false,
    };

    /// <summary>Checks size and format before memory is taken for the pixels.</summary>
    /// <exception cref="BadFileException">There are more pixels than allowed or than the file can hold, or there is no such format.</exception>
    public void Check(ReadOnlySpan<byte> file, string name, int megapixels)
    {
        ImageLimit.Check(Height, Width, name, megapixels);
        if (!IsPossible)
        {
            throw new BadFileException($"{name} is a PNG file {this}, which does not exist: it is damaged. Fetch it again from its source.");
        }

        if (Height * (Stride + 1) / MostExpansion > file.Length)
        {
            throw new BadFileException($"{name}, an image of {Height}x{Width} by its header, ends too early (it is truncated): {file.Length} bytes cannot hold it. Fetch it again from its source.");
        }
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
