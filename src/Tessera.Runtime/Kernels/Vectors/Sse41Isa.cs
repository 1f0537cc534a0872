using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>128-bit registers: SSE4.1, for x86-64 processors without AVX2, and for few channels.</summary>
internal readonly unsafe struct Sse41Isa : IVectorIsa<Vector128<byte>>
{
    /// <inheritdoc/>
    public static int Width => 16;

    /// <inheritdoc/>
    public static int Registers => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(void* source) => Vector128.Load((byte*)source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* destination, Vector128<byte> value) => value.Store((byte*)destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast(void* source) => Vector128.Create(Unsafe.ReadUnaligned<int>(source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> BroadcastPair(void* source) => Vector128.Create(Unsafe.ReadUnaligned<long>(source)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FillInt16(short value) => Vector128.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FillInt32(int value) => Vector128.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> FillSingle(float value) => Vector128.Create(value).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> UnpackLowBytes(Vector128<byte> a, Vector128<byte> b) => Sse2.UnpackLow(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> UnpackHighBytes(Vector128<byte> a, Vector128<byte> b) => Sse2.UnpackHigh(a, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> UnpackLowInt16(Vector128<byte> a, Vector128<byte> b) => Sse2.UnpackLow(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> UnpackHighInt16(Vector128<byte> a, Vector128<byte> b) => Sse2.UnpackHigh(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddBytes(Vector128<byte> unsigned, Vector128<byte> signed) => Ssse3.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> a, Vector128<byte> b) => Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddInt16(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddInt32(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddPairsInt32(Vector128<byte> a, Vector128<byte> b) => Ssse3.HorizontalAdd(a.AsInt32(), b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftRightInt16By4(Vector128<byte> a) => (a.AsInt16() >> 4).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> And(Vector128<byte> a, Vector128<byte> b) => a & b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MaxInt16(Vector128<byte> a, Vector128<byte> b) => Sse2.Max(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Requantize(Vector128<byte> accumulator, Vector128<byte> multiplier) =>
        Sse2.ConvertToVector128Int32(Sse.Multiply(Sse2.ConvertToVector128Single(accumulator.AsInt32()), multiplier.AsSingle())).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Requantize(Vector128<byte> accumulator, Vector128<byte> multiplier, Vector128<byte> residual, Vector128<byte> residualMultiplier) =>
        Sse2.ConvertToVector128Int32(Sse.Add(
            Sse.Multiply(Sse2.ConvertToVector128Single(accumulator.AsInt32()), multiplier.AsSingle()),
            Sse.Multiply(Sse2.ConvertToVector128Single(residual.AsInt32()), residualMultiplier.AsSingle()))).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PackInt32(Vector128<byte> low, Vector128<byte> high) => Sse2.PackSignedSaturate(low.AsInt32(), high.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PackInt16(Vector128<byte> low, Vector128<byte> high) => Sse2.PackSignedSaturate(low.AsInt16(), high.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(void* destination, Vector128<byte> int16) => PortableIsa.StoreNarrow(destination, int16);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MaxInt32(Vector128<byte> a, Vector128<byte> b) => Sse41.Max(a.AsInt32(), b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrowInt32(void* destination, Vector128<byte> int32) => PortableIsa.StoreNarrowInt32(destination, int32);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadWiden(void* source) => Sse41.ConvertToVector128Int16((sbyte*)source).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadWidenInt32(void* source) => Sse41.ConvertToVector128Int32((sbyte*)source).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> WidenLow(Vector128<byte> int16) => (UnpackLowInt16(int16, int16).AsInt32() >> 16).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> WidenHigh(Vector128<byte> int16) => (UnpackHighInt16(int16, int16).AsInt32() >> 16).AsByte();
}
