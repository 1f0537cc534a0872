using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>The products of a word, four bytes of an input, with its weights, summed into an int32 lane: the innermost step of every convolution.</summary>
internal interface IDotProduct<TVector>
    where TVector : struct
{
    /// <summary>Bytes of an input element: 1 for words of four values of 0..127, 2 for words of two int16 values.</summary>
    static abstract int ElementBytes { get; }

    /// <summary><c>accumulator + Σ values·weights</c> over the elements of each lane.</summary>
    static abstract TVector Add(TVector accumulator, TVector values, TVector weights);
}

/// <summary>Of bytes: products summed in pairs to int16, and these in pairs to int32. Kernels sum several words in int16 first, to widen as few as they can (<see cref="QuadGrouping"/>).</summary>
internal readonly struct PairwiseDot<TVector, TIsa> : IDotProduct<TVector>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    /// <inheritdoc/>
    public static int ElementBytes => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector accumulator, TVector values, TVector weights) =>
        TIsa.AddInt32(accumulator, TIsa.MultiplyAddInt16(TIsa.MultiplyAddBytes(values, weights), TIsa.FillInt16(1)));
}

/// <summary>Of int16 values: products of neighbours summed to int32.</summary>
internal readonly struct Int16Dot<TVector, TIsa> : IDotProduct<TVector>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    /// <inheritdoc/>
    public static int ElementBytes => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector accumulator, TVector values, TVector weights) => TIsa.AddInt32(accumulator, TIsa.MultiplyAddInt16(values, weights));
}

/// <summary>Of bytes, by one AVX-VNNI instruction, which does not saturate.</summary>
internal readonly struct VnniDot : IDotProduct<Vector256<byte>>
{
    /// <inheritdoc/>
    public static int ElementBytes => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Add(Vector256<byte> accumulator, Vector256<byte> values, Vector256<byte> weights) =>
        AvxVnni.MultiplyWideningAndAdd(accumulator.AsInt32(), values, weights.AsSByte()).AsByte();
}

/// <summary>Of int16 values, by one AVX-VNNI instruction, which does not saturate.</summary>
internal readonly struct VnniInt16Dot : IDotProduct<Vector256<byte>>
{
    /// <inheritdoc/>
    public static int ElementBytes => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Add(Vector256<byte> accumulator, Vector256<byte> values, Vector256<byte> weights) =>
        AvxVnni.MultiplyWideningAndAdd(accumulator.AsInt32(), values.AsInt16(), weights.AsInt16()).AsByte();
}
