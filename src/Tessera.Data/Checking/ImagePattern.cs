using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Tessera.Data;

/// <summary>Fingerprints of images: one for equal ones, one for those that look alike.</summary>
internal static class ImagePattern
{
    /// <summary>Patterns that differ in at most so many of 64 bits belong to images that look alike.</summary>
    public const int NearBits = 4;

    private const int Rows = 8;
    private const int Columns = 9;

    /// <summary>SHA-256 of size and pixels.</summary>
    public static string Hash(RgbImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var size = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(size, image.Height);
        BinaryPrimitives.WriteInt32LittleEndian(size.AsSpan(4), image.Width);
        hash.AppendData(size);
        hash.AppendData(image.Pixels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The "difference hash": the image as 8×9 mean brightnesses; each bit tells whether a cell is brighter than its right neighbour.</summary>
    public static ulong Of(RgbImage image)
    {
        var sums = new long[Rows * Columns];
        var counts = new long[Rows * Columns];
        for (int y = 0; y < image.Height; y++)
        {
            int row = (int)((long)y * Rows / image.Height) * Columns;
            for (int x = 0; x < image.Width; x++)
            {
                int cell = row + (int)((long)x * Columns / image.Width), from = ((y * image.Width) + x) * 3;
                sums[cell] += image.Pixels[from] + (2 * image.Pixels[from + 1]) + image.Pixels[from + 2];
                counts[cell]++;
            }
        }

        ulong pattern = 0;
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column + 1 < Columns; column++)
            {
                int cell = (row * Columns) + column;
                pattern = (pattern << 1) | (Mean(cell) > Mean(cell + 1) ? 1UL : 0);
            }
        }

        return pattern;

        double Mean(int cell) => counts[cell] > 0 ? sums[cell] / (double)counts[cell] : 0;
    }

    public static bool AreNear(ulong a, ulong b) => BitOperations.PopCount(a ^ b) <= NearBits;
}
