using System.Numerics;
using System.Runtime.InteropServices;
using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>
/// Blends a palette into a picture: the colours of a row of classes are laid out once, in blocks that stay in the first-level cache, and
/// blended into every row of the picture that the row of classes covers.
/// </summary>
internal static class OverlayRows
{
    // 256 pixels: 2 KiB each of shares and terms.
    private const int Block = 256;

    /// <summary>Blends; sizes are checked by the caller.</summary>
    public static void Blend(ReadOnlySpan<byte> map, int mapHeight, int mapWidth, Palette palette, Span<byte> picture, int width, int height, int stride)
    {
        // One pixel moves as four lanes; of three channels the next pixel overwrites the fourth, and the last one's goes into the padding.
        Span<ushort> shares = stackalloc ushort[(Block * 4) + 4], terms = stackalloc ushort[(Block * 4) + 4];
        Span<byte> ids = stackalloc byte[Block];
        int channels = palette.Channels;
        for (int y = 0, next; y < height; y = next)
        {
            int source = NearestResize.SourceOf(y, mapHeight, height);
            for (next = y + 1; next < height && NearestResize.SourceOf(next, mapHeight, height) == source;)
            {
                next++;
            }

            ReadOnlySpan<byte> mapRow = map.Slice(source * mapWidth, mapWidth);
            for (int x = 0; x < width; x += Block)
            {
                int count = Math.Min(Block, width - x);
                NearestResize.Row(mapRow, width, x, ids[..count]);
                LayOut(ids[..count], palette, channels, shares, terms);
                for (int row = y; row < next; row++)
                {
                    Blend(picture.Slice((int)(((long)row * stride) + ((long)x * channels)), count * channels), shares, terms);
                }
            }
        }
    }

    /// <summary>The definition of a blended value.</summary>
    internal static byte Mix(byte under, int share, int term) => (byte)(((under * share) + term) >> 8);

    private static void LayOut(ReadOnlySpan<byte> ids, Palette palette, int channels, Span<ushort> shares, Span<ushort> terms)
    {
        ReadOnlySpan<ulong> shareOf = palette.Shares, termOf = palette.Terms;
        for (int i = 0; i < ids.Length; i++)
        {
            MemoryMarshal.Write(MemoryMarshal.AsBytes(shares.Slice(i * channels, 4)), shareOf[ids[i]]);
            MemoryMarshal.Write(MemoryMarshal.AsBytes(terms.Slice(i * channels, 4)), termOf[ids[i]]);
        }
    }

    private static void Blend(Span<byte> pixels, ReadOnlySpan<ushort> shares, ReadOnlySpan<ushort> terms)
    {
        // 255·(256 - share) + 255·share + 128 = 65,408 is the most that a 16-bit lane gets; shifted, it is a byte.
        int i = 0, half = Vector<ushort>.Count;
        for (; i + Vector<byte>.Count <= pixels.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(pixels[i..]), out Vector<ushort> low, out Vector<ushort> high);
            low = ((low * new Vector<ushort>(shares[i..])) + new Vector<ushort>(terms[i..])) >>> 8;
            high = ((high * new Vector<ushort>(shares[(i + half)..])) + new Vector<ushort>(terms[(i + half)..])) >>> 8;
            Vector.Narrow(low, high).CopyTo(pixels[i..]);
        }

        for (; i < pixels.Length; i++)
        {
            pixels[i] = Mix(pixels[i], shares[i], terms[i]);
        }
    }
}
