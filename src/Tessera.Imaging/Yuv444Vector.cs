using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tessera.Imaging;

/// <summary>Full-swing YUV444 for 16 pixels at a time, the same bytes as the plain form in <see cref="Yuv444"/>.</summary>
/// <remarks>
/// 16-bit lanes suffice: 77r + 150g + 29b + 128 is at most 65,408 and fits an unsigned lane; the chroma sums lie within -32,257..32,513
/// and fit a signed one, and since lanes wrap, products on the way may leave the range. Logical shift for luma and arithmetic shift for
/// chroma floor as the plain form does. All results lie in -128..127, so narrowing with saturation changes none.
/// </remarks>
internal static class Yuv444Vector
{
    /// <summary>Pixels of a block.</summary>
    public const int Block = 16;

    private const byte None = 255;

    /// <summary>Converts a row of at least <see cref="Block"/> pixels whole: the last block overlaps the one before it.</summary>
    /// <returns>The number of pixels done: all, or none where vectors are not accelerated or the row is shorter.</returns>
    // Optimised at once: the first frames would be over before the runtime finds out that this is called often.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FromRgbFull<TPixels>(ReadOnlySpan<byte> pixels, Span<sbyte> yuv)
        where TPixels : struct, IRgbPixels
    {
        int width = yuv.Length / 3;
        if (!Vector128.IsHardwareAccelerated || width < Block)
        {
            return 0;
        }

        Span<byte> bytes = MemoryMarshal.Cast<sbyte, byte>(yuv);
        for (int x = 0; x < width; x += Block)
        {
            // Source and result do not overlap, so that pixels which two blocks share come out the same twice.
            int start = Math.Min(x, width - Block);
            (Vector128<byte> r, Vector128<byte> g, Vector128<byte> b) = TPixels.Load(pixels[(start * TPixels.Channels)..]);
            (Vector128<byte> y, Vector128<byte> u, Vector128<byte> v) = Vector256.IsHardwareAccelerated ? Convert256(r, g, b) : Convert128(r, g, b);
            Interleave(y, u, v, bytes[(start * 3)..]);
        }

        return width;
    }

    /// <summary>Interleaves a row of at least <see cref="Block"/> pixels whole, as <see cref="FromRgbFull"/> converts one.</summary>
    /// <returns>The number of pixels done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Interleave(ReadOnlySpan<sbyte> y, ReadOnlySpan<sbyte> u, ReadOnlySpan<sbyte> v, Span<sbyte> yuv)
    {
        if (!Vector128.IsHardwareAccelerated || y.Length < Block)
        {
            return 0;
        }

        Span<byte> bytes = MemoryMarshal.Cast<sbyte, byte>(yuv);
        for (int x = 0; x < y.Length; x += Block)
        {
            int start = Math.Min(x, y.Length - Block);
            Interleave(Vector128.Create(y[start..]).AsByte(), Vector128.Create(u[start..]).AsByte(), Vector128.Create(v[start..]).AsByte(), bytes[(start * 3)..]);
        }

        return y.Length;
    }

    /// <summary>Three channels of 16 pixels to y0 u0 v0 y1 …, 48 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector128<byte> y, Vector128<byte> u, Vector128<byte> v, Span<byte> yuv)
    {
        (Vector128.Shuffle(y, Vector128.Create((byte)0, None, None, 1, None, None, 2, None, None, 3, None, None, 4, None, None, 5))
            | Vector128.Shuffle(u, Vector128.Create(None, (byte)0, None, None, 1, None, None, 2, None, None, 3, None, None, 4, None, None))
            | Vector128.Shuffle(v, Vector128.Create(None, None, (byte)0, None, None, 1, None, None, 2, None, None, 3, None, None, 4, None))).CopyTo(yuv);
        (Vector128.Shuffle(y, Vector128.Create(None, None, (byte)6, None, None, 7, None, None, 8, None, None, 9, None, None, 10, None))
            | Vector128.Shuffle(u, Vector128.Create((byte)5, None, None, 6, None, None, 7, None, None, 8, None, None, 9, None, None, 10))
            | Vector128.Shuffle(v, Vector128.Create(None, (byte)5, None, None, 6, None, None, 7, None, None, 8, None, None, 9, None, None))).CopyTo(yuv[16..]);
        (Vector128.Shuffle(y, Vector128.Create(None, (byte)11, None, None, 12, None, None, 13, None, None, 14, None, None, 15, None, None))
            | Vector128.Shuffle(u, Vector128.Create(None, None, (byte)11, None, None, 12, None, None, 13, None, None, 14, None, None, 15, None))
            | Vector128.Shuffle(v, Vector128.Create((byte)10, None, None, 11, None, None, 12, None, None, 13, None, None, 14, None, None, 15))).CopyTo(yuv[32..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> Y, Vector128<byte> U, Vector128<byte> V) Convert256(Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue)
    {
        Vector256<short> r = Widen(red), g = Widen(green), b = Widen(blue);
        Vector256<ushort> luma = ((r * 77) + (g * 150) + (b * 29) + Vector256.Create((short)128)).AsUInt16() >>> 8;
        return (
            Narrow(luma.AsInt16() - Vector256.Create((short)128)),
            Narrow(((r * -43) + (g * -84) + (b * 127) + Vector256.Create((short)128)) >> 8),
            Narrow(((r * 127) + (g * -106) + (b * -21) + Vector256.Create((short)128)) >> 8));

        static Vector256<short> Widen(Vector128<byte> bytes) => Vector256.WidenLower(bytes.ToVector256Unsafe()).AsInt16();
        static Vector128<byte> Narrow(Vector256<short> values) => Vector128.NarrowWithSaturation(values.GetLower(), values.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<byte> Y, Vector128<byte> U, Vector128<byte> V) Convert128(Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue)
    {
        (Vector128<ushort> rLow, Vector128<ushort> rHigh) = Vector128.Widen(red);
        (Vector128<ushort> gLow, Vector128<ushort> gHigh) = Vector128.Widen(green);
        (Vector128<ushort> bLow, Vector128<ushort> bHigh) = Vector128.Widen(blue);
        (Vector128<short> yLow, Vector128<short> uLow, Vector128<short> vLow) = Convert(rLow.AsInt16(), gLow.AsInt16(), bLow.AsInt16());
        (Vector128<short> yHigh, Vector128<short> uHigh, Vector128<short> vHigh) = Convert(rHigh.AsInt16(), gHigh.AsInt16(), bHigh.AsInt16());
        return (
            Vector128.NarrowWithSaturation(yLow, yHigh).AsByte(),
            Vector128.NarrowWithSaturation(uLow, uHigh).AsByte(),
            Vector128.NarrowWithSaturation(vLow, vHigh).AsByte());

        static (Vector128<short> Y, Vector128<short> U, Vector128<short> V) Convert(Vector128<short> r, Vector128<short> g, Vector128<short> b)
        {
            Vector128<ushort> luma = ((r * 77) + (g * 150) + (b * 29) + Vector128.Create((short)128)).AsUInt16() >>> 8;
            return (
                luma.AsInt16() - Vector128.Create((short)128),
                ((r * -43) + (g * -84) + (b * 127) + Vector128.Create((short)128)) >> 8,
                ((r * 127) + (g * -106) + (b * -21) + Vector128.Create((short)128)) >> 8);
        }
    }
}
