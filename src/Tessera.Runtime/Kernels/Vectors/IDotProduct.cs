using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>Four unsigned bytes times four signed ones, summed into an int32 lane: the innermost step of a pointwise convolution.</summary>
internal interface IDotProduct<TVector>
    where TVector : struct
{
    /// <summary>
    /// True where <see cref="AddPair"/> is cheaper than two <see cref="Add"/>. Two products are then summed in int16, which only some weights allow:
    /// the packing of the weights sorts them.
    /// </summary>
    static abstract bool HasPairs { get; }

    /// <summary><c>accumulator + Σ unsigned·signed</c> over the four bytes of each lane. The unsigned bytes are at most 127.</summary>
    static abstract TVector Add(TVector accumulator, TVector unsigned, TVector signed);

    /// <summary>The same for two groups of four, whose partial sums stay within int16.</summary>
    static abstract TVector AddPair(TVector accumulator, TVector unsigned0, TVector signed0, TVector unsigned1, TVector signed1);
}

/// <summary>By byte products summed in pairs to int16, and these in pairs to int32.</summary>
internal readonly struct PairwiseDot<TVector, TIsa> : IDotProduct<TVector>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    /// <inheritdoc/>
    public static bool HasPairs => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector accumulator, TVector unsigned, TVector signed) =>
        TIsa.AddInt32(accumulator, TIsa.MultiplyAddInt16(TIsa.MultiplyAddBytes(unsigned, signed), TIsa.FillInt16(1)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector AddPair(TVector accumulator, TVector unsigned0, TVector signed0, TVector unsigned1, TVector signed1)
    {
        TVector sums = TIsa.AddInt16(TIsa.MultiplyAddBytes(unsigned0, signed0), TIsa.MultiplyAddBytes(unsigned1, signed1));
        return TIsa.AddInt32(accumulator, TIsa.MultiplyAddInt16(sums, TIsa.FillInt16(1)));
    }
}

/// <summary>By one AVX-VNNI instruction, which does not saturate.</summary>
internal readonly struct VnniDot : IDotProduct<Vector256<byte>>
{
    /// <inheritdoc/>
    public static bool HasPairs => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Add(Vector256<byte> accumulator, Vector256<byte> unsigned, Vector256<byte> signed) =>
        AvxVnni.MultiplyWideningAndAdd(accumulator.AsInt32(), unsigned, signed.AsSByte()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddPair(Vector256<byte> accumulator, Vector256<byte> unsigned0, Vector256<byte> signed0, Vector256<byte> unsigned1, Vector256<byte> signed1) =>
        Add(Add(accumulator, unsigned0, signed0), unsigned1, signed1);
}
