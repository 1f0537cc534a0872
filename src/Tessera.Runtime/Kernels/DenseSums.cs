using System.Runtime.CompilerServices;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>The products of words and their weights, added to two registers of sums: those of one pixel, or of a pixel and the one half a tile further.</summary>
internal abstract unsafe class DenseSums<TVector, TIsa, TDot, TShape>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
    where TShape : struct, IBlockShape
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TVector Register(byte* memory, int index) => TIsa.Load(memory + (index * TIsa.Width));

    /// <summary>A register of the block's second half; the first again where it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TVector Second(byte* memory, int index, TVector first) => typeof(TShape) == typeof(TwoRegisters) ? TIsa.Load(memory + (index * TIsa.Width)) : first;

    /// <summary>A word, in every lane or in every two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Word(byte* word) => typeof(TShape) == typeof(HalfRegister) ? TIsa.BroadcastPair(word) : TIsa.Broadcast(word);

    /// <summary>The word that meets the second sum: the same, or that of the pixel half a tile further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Other(byte* word, nint half, TVector pixel) => typeof(TShape) == typeof(TwoRegisters) ? pixel : Word(word + half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void AddLarge(
        ref TVector a, ref TVector b, byte* p, byte* q, byte* r, byte* s, nint half, TVector pa, TVector pb, TVector qa, TVector qb, TVector ra, TVector rb, TVector sa, TVector sb, byte* offsets)
    {
        TVector pixel = Word(p), x = TIsa.MultiplyAddBytes(pixel, pa), y = TIsa.MultiplyAddBytes(Other(p, half, pixel), pb);
        pixel = Word(q);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, qa));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(Other(q, half, pixel), qb));
        pixel = Word(r);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, ra));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(Other(r, half, pixel), rb));
        pixel = Word(s);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, sa));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(Other(s, half, pixel), sb));
        AddSums(ref a, ref b, x, y, offsets);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void AddSmall(ref TVector a, ref TVector b, byte* p, byte* q, nint half, TVector pa, TVector pb, TVector qa, TVector qb, byte* offsets)
    {
        TVector pixel = Word(p), x = TIsa.MultiplyAddBytes(pixel, pa), y = TIsa.MultiplyAddBytes(Other(p, half, pixel), pb);
        pixel = Word(q);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, qa));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(Other(q, half, pixel), qb));
        AddSums(ref a, ref b, x, y, offsets);
    }

    /// <summary>Widens int16 sums that may have wrapped around; the offsets bring them back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSums(ref TVector a, ref TVector b, TVector x, TVector y, byte* offsets)
    {
        TVector first = TIsa.Load(offsets);
        a = TIsa.AddInt32(a, TIsa.MultiplyAddInt16(TIsa.AddInt16(x, first), TIsa.FillInt16(1)));
        b = TIsa.AddInt32(b, TIsa.MultiplyAddInt16(TIsa.AddInt16(y, Second(offsets, 1, first)), TIsa.FillInt16(1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void AddSingle(ref TVector a, ref TVector b, byte* p, nint half, TVector u, TVector v)
    {
        TVector pixel = Word(p);
        a = TDot.Add(a, pixel, u);
        b = TDot.Add(b, Other(p, half, pixel), v);
    }
}
