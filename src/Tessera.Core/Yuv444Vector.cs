using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tessera.Core;

/// <summary>Full-swing YUV444 for 16 pixels at a time, the same bytes as the plain form in <see cref="Yuv444"/>.</summary>
/// <remarks>
/// 16-bit lanes suffice: 77r + 150g + 29b + 128 is at most 65,408 and fits an unsigned lane; the chroma sums lie within -32,257..32,513
/// and fit a signed one, and since lanes wrap, products on the way may leave the range. Logical shift for luma and arithmetic shift for
/// chroma floor as the plain form does.
/// </remarks>
internal static class Yuv444Vector
{
    private const int Step = 48;

    private const byte None = 255;

    /// <summary>Converts as many whole blocks of 16 pixels as fit; returns the number of bytes done.</summary>
    public static int FromRgbFull(ReadOnlySpan<byte> rgb, Span<sbyte> yuv)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            return 0;
        }

        int i = 0;
        Span<byte> bytes = MemoryMarshal.Cast<sbyte, byte>(yuv);
        for (; i + Step <= rgb.Length && i + Step <= bytes.Length; i += Step)
        {
            Vector128<byte> first = Vector128.Create(rgb[i..]), second = Vector128.Create(rgb[(i + 16)..]), third = Vector128.Create(rgb[(i + 32)..]);

            // Bytes r0 g0 b0 r1 … to one vector per channel; 255 leaves a zero for another source to fill.
            Vector128<byte> r = Vector128.Shuffle(first, Vector128.Create((byte)0, 3, 6, 9, 12, 15, None, None, None, None, None, None, None, None, None, None))
                | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, None, None, 2, 5, 8, 11, 14, None, None, None, None, None))
                | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, 1, 4, 7, 10, 13));
            Vector128<byte> g = Vector128.Shuffle(first, Vector128.Create((byte)1, 4, 7, 10, 13, None, None, None, None, None, None, None, None, None, None, None))
                | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, None, 0, 3, 6, 9, 12, 15, None, None, None, None, None))
                | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, 2, 5, 8, 11, 14));
            Vector128<byte> b = Vector128.Shuffle(first, Vector128.Create((byte)2, 5, 8, 11, 14, None, None, None, None, None, None, None, None, None, None, None))
                | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, None, 1, 4, 7, 10, 13, None, None, None, None, None, None))
                | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, None, None, 0, 3, 6, 9, 12, 15));

            (Vector128<ushort> rLow, Vector128<ushort> rHigh) = Vector128.Widen(r);
            (Vector128<ushort> gLow, Vector128<ushort> gHigh) = Vector128.Widen(g);
            (Vector128<ushort> bLow, Vector128<ushort> bHigh) = Vector128.Widen(b);
            Vector128<byte> y = Vector128.Narrow(Luma(rLow, gLow, bLow), Luma(rHigh, gHigh, bHigh)) ^ Vector128.Create((byte)0x80);
            Vector128<byte> u = Chroma(rLow, gLow, bLow, rHigh, gHigh, bHigh, -43, -84, 127), v = Chroma(rLow, gLow, bLow, rHigh, gHigh, bHigh, 127, -106, -21);

            // And back to y0 u0 v0 y1 ….
            (Vector128.Shuffle(y, Vector128.Create((byte)0, None, None, 1, None, None, 2, None, None, 3, None, None, 4, None, None, 5))
                | Vector128.Shuffle(u, Vector128.Create(None, (byte)0, None, None, 1, None, None, 2, None, None, 3, None, None, 4, None, None))
                | Vector128.Shuffle(v, Vector128.Create(None, None, (byte)0, None, None, 1, None, None, 2, None, None, 3, None, None, 4, None))).CopyTo(bytes[i..]);
            (Vector128.Shuffle(y, Vector128.Create(None, None, (byte)6, None, None, 7, None, None, 8, None, None, 9, None, None, 10, None))
                | Vector128.Shuffle(u, Vector128.Create((byte)5, None, None, 6, None, None, 7, None, None, 8, None, None, 9, None, None, 10))
                | Vector128.Shuffle(v, Vector128.Create(None, (byte)5, None, None, 6, None, None, 7, None, None, 8, None, None, 9, None, None))).CopyTo(bytes[(i + 16)..]);
            (Vector128.Shuffle(y, Vector128.Create(None, (byte)11, None, None, 12, None, None, 13, None, None, 14, None, None, 15, None, None))
                | Vector128.Shuffle(u, Vector128.Create(None, None, (byte)11, None, None, 12, None, None, 13, None, None, 14, None, None, 15, None))
                | Vector128.Shuffle(v, Vector128.Create((byte)10, None, None, 11, None, None, 12, None, None, 13, None, None, 14, None, None, 15))).CopyTo(bytes[(i + 32)..]);
        }

        return i;
    }

    private static Vector128<ushort> Luma(Vector128<ushort> r, Vector128<ushort> g, Vector128<ushort> b) =>
        ((r * Vector128.Create((ushort)77)) + (g * Vector128.Create((ushort)150)) + (b * Vector128.Create((ushort)29)) + Vector128.Create((ushort)128)) >>> 8;

    private static Vector128<byte> Chroma(
        Vector128<ushort> rLow, Vector128<ushort> gLow, Vector128<ushort> bLow, Vector128<ushort> rHigh, Vector128<ushort> gHigh, Vector128<ushort> bHigh, short ofRed, short ofGreen, short ofBlue) =>
        Vector128.Narrow(Chroma(rLow, gLow, bLow, ofRed, ofGreen, ofBlue), Chroma(rHigh, gHigh, bHigh, ofRed, ofGreen, ofBlue)).AsByte();

    private static Vector128<short> Chroma(Vector128<ushort> r, Vector128<ushort> g, Vector128<ushort> b, short ofRed, short ofGreen, short ofBlue) =>
        ((r.AsInt16() * Vector128.Create(ofRed)) + (g.AsInt16() * Vector128.Create(ofGreen)) + (b.AsInt16() * Vector128.Create(ofBlue)) + Vector128.Create((short)128)) >> 8;
}
