using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>512-bit registers: AVX-512 F and BW.</summary>
internal readonly unsafe struct Avx512Isa : IVectorIsa<Vector512<byte>>
{
    /// <inheritdoc/>
    public static int Width => 64;

    /// <inheritdoc/>
    public static int Registers => 32;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(void* source) => Vector512.Load((byte*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* destination, Vector512<byte> value) => value.Store((byte*)destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast(void* source) => Vector512.Create(Unsafe.ReadUnaligned<int>(source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> BroadcastPair(void* source) => Vector512.Create(Unsafe.ReadUnaligned<long>(source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> FillInt16(short value) => Vector512.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> FillInt32(int value) => Vector512.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> FillSingle(float value) => Vector512.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> UnpackLowBytes(Vector512<byte> a, Vector512<byte> b) => Avx512BW.UnpackLow(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> UnpackHighBytes(Vector512<byte> a, Vector512<byte> b) => Avx512BW.UnpackHigh(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> UnpackLowInt16(Vector512<byte> a, Vector512<byte> b) => Avx512BW.UnpackLow(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> UnpackHighInt16(Vector512<byte> a, Vector512<byte> b) => Avx512BW.UnpackHigh(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAddBytes(Vector512<byte> unsigned, Vector512<byte> signed) => Avx512BW.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAddInt16(Vector512<byte> a, Vector512<byte> b) => Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddInt16(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddInt32(Vector512<byte> a, Vector512<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddPairsInt32(Vector512<byte> a, Vector512<byte> b) => Vector512.Create(Avx2Isa.AddPairsInt32(a.GetLower(), a.GetUpper()), Avx2Isa.AddPairsInt32(b.GetLower(), b.GetUpper()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ShiftRightInt16By4(Vector512<byte> a) => (a.AsInt16() >> 4).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> And(Vector512<byte> a, Vector512<byte> b) => a & b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MaxInt16(Vector512<byte> a, Vector512<byte> b) => Avx512BW.Max(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Requantize(Vector512<byte> accumulator, Vector512<byte> multiplier) =>
        Avx512F.ConvertToVector512Int32(Avx512F.Multiply(Avx512F.ConvertToVector512Single(accumulator.AsInt32()), multiplier.AsSingle())).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Requantize(Vector512<byte> accumulator, Vector512<byte> multiplier, Vector512<byte> residual, Vector512<byte> residualMultiplier) =>
        Avx512F.ConvertToVector512Int32(Avx512F.Add(
            Avx512F.Multiply(Avx512F.ConvertToVector512Single(accumulator.AsInt32()), multiplier.AsSingle()),
            Avx512F.Multiply(Avx512F.ConvertToVector512Single(residual.AsInt32()), residualMultiplier.AsSingle()))).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> PackInt32(Vector512<byte> low, Vector512<byte> high) => Avx512BW.PackSignedSaturate(low.AsInt32(), high.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> PackInt16(Vector512<byte> low, Vector512<byte> high) => Avx512BW.PackSignedSaturate(low.AsInt16(), high.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(void* destination, Vector512<byte> int16) => Avx512BW.ConvertToVector256SByteWithSaturation(int16.AsInt16()).Store((sbyte*)destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MaxInt32(Vector512<byte> a, Vector512<byte> b) => Avx512F.Max(a.AsInt32(), b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrowInt32(void* destination, Vector512<byte> int32) => Avx512F.ConvertToVector128SByteWithSaturation(int32.AsInt32()).Store((sbyte*)destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadWiden(void* source) => Avx512BW.ConvertToVector512Int16(Vector256.Load((sbyte*)source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadWidenInt32(void* source) => Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> WidenLow(Vector512<byte> int16) => (UnpackLowInt16(int16, int16).AsInt32() >> 16).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> WidenHigh(Vector512<byte> int16) => (UnpackHighInt16(int16, int16).AsInt32() >> 16).AsByte();
}
