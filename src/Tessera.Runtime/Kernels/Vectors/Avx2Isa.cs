using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>256-bit registers: AVX2.</summary>
internal readonly unsafe struct Avx2Isa : IVectorIsa<Vector256<byte>>
{
    /// <inheritdoc/>
    public static int Width => 32;

    /// <inheritdoc/>
    public static int Registers => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(void* source) => Vector256.Load((byte*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* destination, Vector256<byte> value) => value.Store((byte*)destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Broadcast(void* source) => Vector256.Create(Unsafe.ReadUnaligned<int>(source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> BroadcastPair(void* source) => Vector256.Create(Unsafe.ReadUnaligned<long>(source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FillInt16(short value) => Vector256.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FillInt32(int value) => Vector256.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FillSingle(float value) => Vector256.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> UnpackLowBytes(Vector256<byte> a, Vector256<byte> b) => Avx2.UnpackLow(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> UnpackHighBytes(Vector256<byte> a, Vector256<byte> b) => Avx2.UnpackHigh(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> UnpackLowInt16(Vector256<byte> a, Vector256<byte> b) => Avx2.UnpackLow(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> UnpackHighInt16(Vector256<byte> a, Vector256<byte> b) => Avx2.UnpackHigh(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAddBytes(Vector256<byte> unsigned, Vector256<byte> signed) => Avx2.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAddInt16(Vector256<byte> a, Vector256<byte> b) => Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddInt16(Vector256<byte> a, Vector256<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddInt32(Vector256<byte> a, Vector256<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddPairsInt32(Vector256<byte> a, Vector256<byte> b) => Avx2.Permute4x64(Avx2.HorizontalAdd(a.AsInt32(), b.AsInt32()).AsInt64(), 0b11_01_10_00).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftRightInt16By4(Vector256<byte> a) => (a.AsInt16() >> 4).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> And(Vector256<byte> a, Vector256<byte> b) => a & b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MaxInt16(Vector256<byte> a, Vector256<byte> b) => Avx2.Max(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Requantize(Vector256<byte> accumulator, Vector256<byte> multiplier) =>
        Avx.ConvertToVector256Int32(Avx.Multiply(Avx.ConvertToVector256Single(accumulator.AsInt32()), multiplier.AsSingle())).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Requantize(Vector256<byte> accumulator, Vector256<byte> multiplier, Vector256<byte> residual, Vector256<byte> residualMultiplier) =>
        Avx.ConvertToVector256Int32(Avx.Add(
            Avx.Multiply(Avx.ConvertToVector256Single(accumulator.AsInt32()), multiplier.AsSingle()),
            Avx.Multiply(Avx.ConvertToVector256Single(residual.AsInt32()), residualMultiplier.AsSingle()))).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> PackInt32(Vector256<byte> low, Vector256<byte> high) => Avx2.PackSignedSaturate(low.AsInt32(), high.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> PackInt16(Vector256<byte> low, Vector256<byte> high) => Avx2.PackSignedSaturate(low.AsInt16(), high.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(void* destination, Vector256<byte> int16) => Sse2.PackSignedSaturate(int16.GetLower().AsInt16(), int16.GetUpper().AsInt16()).Store((sbyte*)destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MaxInt32(Vector256<byte> a, Vector256<byte> b) => Avx2.Max(a.AsInt32(), b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrowInt32(void* destination, Vector256<byte> int32) => PortableIsa.StoreNarrow(destination, Sse2.PackSignedSaturate(int32.GetLower().AsInt32(), int32.GetUpper().AsInt32()).AsByte());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadWiden(void* source) => Avx2.ConvertToVector256Int16(Vector128.Load((sbyte*)source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadWidenInt32(void* source) => Avx2.ConvertToVector256Int32((sbyte*)source).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> WidenLow(Vector256<byte> int16) => (UnpackLowInt16(int16, int16).AsInt32() >> 16).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> WidenHigh(Vector256<byte> int16) => (UnpackHighInt16(int16, int16).AsInt32() >> 16).AsByte();
}
