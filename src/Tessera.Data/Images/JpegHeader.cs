using System.Buffers.Binary;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>What a JPEG file says about itself before its first scan (ITU-T T.81, annex B).</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Precision">Bits per sample.</param>
/// <param name="Components">1 gray, 3 colour, 4 CMYK.</param>
/// <param name="Process">The number of the frame's marker: 0 baseline, 1 extended, 2 progressive, 3 lossless, from 9 on arithmetic coding.</param>
/// <param name="Orientation">The EXIF orientation, 1 to 8.</param>
internal readonly record struct JpegHeader(int Height, int Width, int Precision, int Components, int Process, int Orientation)
{
    private const byte StartOfScan = 0xDA;
    private const byte Application1 = 0xE1;

    // A progressive image of few bytes and many scans takes minutes: each scan runs over all its blocks. Encoders write about ten.
    private const int MostScans = 500;

    /// <summary>Reads the header.</summary>
    /// <exception cref="BadFileException">The file ends before its first scan, or has no frame.</exception>
    public static JpegHeader Read(ReadOnlySpan<byte> file, string name)
    {
        JpegHeader header = default;
        int orientation = 0;
        for (int at = 2; ;)
        {
            // Any number of fill bytes may stand before a marker.
            while (at + 1 < file.Length && file[at] == 0xFF && file[at + 1] == 0xFF)
            {
                at++;
            }

            if (at + 4 > file.Length)
            {
                throw new BadFileException($"{name} is a JPEG image that ends too early (it is truncated), before its first pixel ({file.Length} bytes). Fetch it again from its source.");
            }

            int marker = file[at + 1], length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (file[at] != 0xFF || length < 2 || at + 2 + length > file.Length)
            {
                throw new BadFileException($"{name} is a JPEG image whose header is damaged at byte {at} ({file.Length} bytes). Fetch it again from its source.");
            }

            ReadOnlySpan<byte> content = file.Slice(at + 4, length - 2);
            if (marker == StartOfScan)
            {
                return header.Width > 0 ? header with { Orientation = Math.Max(orientation, ExifOrientation.Upright) } : throw NoFrame(name);
            }

            if (IsFrame(marker) && content.Length >= 6 && header.Width == 0)
            {
                header = new JpegHeader(BinaryPrimitives.ReadUInt16BigEndian(content[1..]), BinaryPrimitives.ReadUInt16BigEndian(content[3..]), content[0], content[5], marker - 0xC0, 1);
            }
            else if (marker == Application1 && content.StartsWith("Exif\0"u8) && orientation == 0)
            {
                orientation = ExifOrientation.Read(content);
            }

            at += 2 + length;
        }
    }

    /// <summary>Checks size and format before memory is taken for the pixels.</summary>
    /// <exception cref="BadFileException">There are more pixels than allowed, or the format is one that is not read.</exception>
    public void Check(ReadOnlySpan<byte> file, string name, int megapixels)
    {
        ImageLimit.Check((uint)Height, (uint)Width, name, megapixels);
        string? kind = this switch
        {
            { Precision: not 8 } => $"{Precision} bits per channel",
            { Components: 4 } => "four channels (CMYK)",
            { Components: not (1 or 3) } => $"{Components} channels",
            { Process: 3 or 5 or 6 or 7 or > 8 } => "lossless, hierarchical or arithmetic coding",
            _ => null,
        };
        if (kind is not null)
        {
            throw new BadFileException($"{name} is a JPEG image with {kind}, which is not read. Convert it to an 8-bit RGB image.");
        }

        // Each block of 8x8 pixels has one code at least, of one bit at least.
        if ((Height + 7L) / 8 * ((Width + 7L) / 8) / 8 > file.Length)
        {
            throw new BadFileException($"{name}, a JPEG image of {Height}x{Width} by its header, ends too early (it is truncated): {file.Length} bytes cannot hold it. Fetch it again from its source.");
        }

        if (Process == 2 && file.Count((ReadOnlySpan<byte>)[0xFF, StartOfScan]) > MostScans)
        {
            throw new BadFileException($"{name} is a JPEG image of more than {MostScans} scans, which would take very long to decode. Save it again as a baseline JPEG or as a PNG.");
        }
    }

    private static bool IsFrame(int marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static BadFileException NoFrame(string name) => new($"{name} is a JPEG image without a size in its header: it is damaged. Fetch it again from its source.");
}
