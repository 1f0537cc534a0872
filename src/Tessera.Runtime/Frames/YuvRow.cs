using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tessera.Runtime;

/// <summary>Rows of luma and chroma samples to the network's interleaved Y, U, V. Vectors of 16 pixels; what they leave, the plain loop does.</summary>
/// <typeparam name="TLevels">From the frame's range to the network's.</typeparam>
internal static class YuvRow<TLevels>
    where TLevels : struct, IYuvLevels
{
    private const int Block = 16;

    private const byte None = 255;

    /// <summary>Chroma in pairs U V, one for two pixels.</summary>
    /// <param name="luma">One sample per pixel.</param>
    /// <param name="chroma">2·⌈width / 2⌉ samples.</param>
    /// <param name="yuv">3 values per pixel.</param>
    // Optimised at once: the first frames would be over before the runtime finds out that this is called often.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromSemiPlanar(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> chroma, Span<sbyte> yuv)
    {
        int width = luma.Length, x = 0;
        Span<byte> bytes = MemoryMarshal.Cast<sbyte, byte>(yuv);
        if (Vector128.IsHardwareAccelerated)
        {
            while (x + Block <= width)
            {
                Interleave(TLevels.Luma(Vector128.Create(luma[x..])), TLevels.Chroma(Vector128.Create(chroma[x..])), bytes[(3 * x)..]);
                x = Next(x, width);
            }
        }

        for (; x < width; x++)
        {
            int pair = x & ~1;
            Store(yuv.Slice(3 * x, 3), luma[x], chroma[pair], chroma[pair + 1]);
        }
    }

    /// <summary>Chroma in two rows, one sample of each for two pixels.</summary>
    /// <param name="luma">One sample per pixel.</param>
    /// <param name="u">⌈width / 2⌉ samples.</param>
    /// <param name="v">As many.</param>
    /// <param name="yuv">3 values per pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromPlanar(ReadOnlySpan<byte> luma, ReadOnlySpan<byte> u, ReadOnlySpan<byte> v, Span<sbyte> yuv)
    {
        int width = luma.Length, x = 0;
        Span<byte> bytes = MemoryMarshal.Cast<sbyte, byte>(yuv);
        if (Vector128.IsHardwareAccelerated)
        {
            while (x + Block <= width)
            {
                // Eight U and eight V side by side, then in turns.
                Vector128<byte> halves = Vector128.Create(MemoryMarshal.Read<ulong>(u[(x / 2)..]), MemoryMarshal.Read<ulong>(v[(x / 2)..])).AsByte();
                Vector128<byte> pairs = Vector128.Shuffle(halves, Vector128.Create((byte)0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
                Interleave(TLevels.Luma(Vector128.Create(luma[x..])), TLevels.Chroma(pairs), bytes[(3 * x)..]);
                x = Next(x, width);
            }
        }

        for (; x < width; x++)
        {
            Store(yuv.Slice(3 * x, 3), luma[x], u[x / 2], v[x / 2]);
        }
    }

    /// <summary>Moves a row of luma samples to the network's levels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Luma(ReadOnlySpan<byte> samples, Span<sbyte> values)
    {
        int i = 0;
        Span<byte> bytes = MemoryMarshal.Cast<sbyte, byte>(values);
        for (; Vector128.IsHardwareAccelerated && i + Block <= samples.Length; i += Block)
        {
            TLevels.Luma(Vector128.Create(samples[i..])).CopyTo(bytes[i..]);
        }

        for (; i < samples.Length; i++)
        {
            values[i] = (sbyte)TLevels.Luma(samples[i]);
        }
    }

    /// <summary>Moves a row of chroma samples to the network's levels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Chroma(ReadOnlySpan<byte> samples, Span<sbyte> values)
    {
        int i = 0;
        Span<byte> bytes = MemoryMarshal.Cast<sbyte, byte>(values);
        for (; Vector128.IsHardwareAccelerated && i + Block <= samples.Length; i += Block)
        {
            TLevels.Chroma(Vector128.Create(samples[i..])).CopyTo(bytes[i..]);
        }

        for (; i < samples.Length; i++)
        {
            values[i] = (sbyte)TLevels.Chroma(samples[i]);
        }
    }

    // The next block, moved back to end with the row, but to an even pixel, where a chroma pair begins. Pixels done twice come out the same.
    private static int Next(int x, int width)
    {
        int next = x + Block, last = (width - Block) & ~1;
        return next <= last || x >= last ? next : last;
    }

    private static void Interleave(Vector128<byte> luma, Vector128<byte> pairs, Span<byte> yuv)
    {
        // Bytes y0 u0 v0 y1 u0 v0 y2 u1 v1 …; 255 leaves a zero for the other source.
        (Vector128.Shuffle(luma, Vector128.Create((byte)0, None, None, 1, None, None, 2, None, None, 3, None, None, 4, None, None, 5))
            | Vector128.Shuffle(pairs, Vector128.Create(None, (byte)0, 1, None, 0, 1, None, 2, 3, None, 2, 3, None, 4, 5, None))).CopyTo(yuv);
        (Vector128.Shuffle(luma, Vector128.Create(None, None, (byte)6, None, None, 7, None, None, 8, None, None, 9, None, None, 10, None))
            | Vector128.Shuffle(pairs, Vector128.Create((byte)4, 5, None, 6, 7, None, 6, 7, None, 8, 9, None, 8, 9, None, 10))).CopyTo(yuv[16..]);
        (Vector128.Shuffle(luma, Vector128.Create(None, (byte)11, None, None, 12, None, None, 13, None, None, 14, None, None, 15, None, None))
            | Vector128.Shuffle(pairs, Vector128.Create((byte)11, None, 10, 11, None, 12, 13, None, 12, 13, None, 14, 15, None, 14, 15))).CopyTo(yuv[32..]);
    }

    private static void Store(Span<sbyte> yuv, byte luma, byte u, byte v) =>
        (yuv[0], yuv[1], yuv[2]) = ((sbyte)TLevels.Luma(luma), (sbyte)TLevels.Chroma(u), (sbyte)TLevels.Chroma(v));
}
