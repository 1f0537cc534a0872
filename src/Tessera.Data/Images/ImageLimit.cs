using Tessera.Core;

namespace Tessera.Data;

/// <summary>How many pixels an image may have. What a header says is checked before memory is taken: a file of a few bytes can claim a terabyte.</summary>
public static class ImageLimit
{
    /// <summary>The default: an image of 10,000 × 10,000 is read, and takes some 0.7 GB while it is decoded.</summary>
    public const int DefaultMegapixels = 100;

    /// <summary>The largest limit: four bytes for each pixel must fit one array.</summary>
    public const int LargestMegapixels = 500;

    /// <summary>Checks a limit that a user gave.</summary>
    /// <exception cref="UsageException">It is not 1 to <see cref="LargestMegapixels"/>.</exception>
    public static int Require(int megapixels) => megapixels is >= 1 and <= LargestMegapixels
        ? megapixels
        : throw new UsageException($"--max-megapixels is {megapixels}; it must be 1 to {LargestMegapixels}.");

    /// <summary>Checks the size in an image's header.</summary>
    /// <exception cref="BadFileException">A side is 0, or there are more pixels than allowed.</exception>
    internal static void Check(uint height, uint width, string name, int megapixels)
    {
        if (height == 0 || width == 0)
        {
            throw new BadFileException($"{name} has {height}x{width} pixels by its header; the file is damaged. Fetch it again from its source.");
        }

        ulong pixels = (ulong)height * width;
        if (pixels > (ulong)megapixels * 1_000_000)
        {
            string more = pixels <= LargestMegapixels * 1_000_000UL ? "Make it smaller, or raise the limit with --max-megapixels where its size is right." : "Make it smaller.";
            throw new BadFileException($"{name} has {height}x{width} pixels by its header, {pixels / 1_000_000} megapixels; images of up to {megapixels} are read. {more}");
        }
    }
}
