using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>Four unsigned bytes times four signed ones, summed into an int32 lane: the innermost step of a pointwise convolution.</summary>
internal interface IDotProduct<TVector>
    where TVector : struct
{
    /// <summary>True where one instruction sums into int32; else sums are formed in int16 and widened, and kernels widen as few as they can.</summary>
    static abstract bool IsWide { get; }

    /// <summary><c>accumulator + Σ unsigned·signed</c> over the four bytes of each lane. The unsigned bytes are at most 127.</summary>
    static abstract TVector Add(TVector accumulator, TVector unsigned, TVector signed);
}

/// <summary>By byte products summed in pairs to int16, and these in pairs to int32.</summary>
internal readonly struct PairwiseDot<TVector, TIsa> : IDotProduct<TVector>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    /// <inheritdoc/>
    public static bool IsWide => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector accumulator, TVector unsigned, TVector signed) =>
        TIsa.AddInt32(accumulator, TIsa.MultiplyAddInt16(TIsa.MultiplyAddBytes(unsigned, signed), TIsa.FillInt16(1)));
}

/// <summary>By one AVX-VNNI instruction, which does not saturate.</summary>
internal readonly struct VnniDot : IDotProduct<Vector256<byte>>
{
    /// <inheritdoc/>
    public static bool IsWide => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Add(Vector256<byte> accumulator, Vector256<byte> unsigned, Vector256<byte> signed) =>
        AvxVnni.MultiplyWideningAndAdd(accumulator.AsInt32(), unsigned, signed.AsSByte()).AsByte();
}
