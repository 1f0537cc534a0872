using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>128-bit registers through the portable API: any processor with vectors, such as Arm64, and x86-64 without AVX2.</summary>
internal readonly unsafe struct PortableIsa : IVectorIsa<Vector128<byte>>
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
    public static Vector128<byte> UnpackLowBytes(Vector128<byte> a, Vector128<byte> b) => (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 8)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> UnpackHighBytes(Vector128<byte> a, Vector128<byte> b) => (Vector128.WidenUpper(a) | (Vector128.WidenUpper(b) << 8)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> UnpackLowInt16(Vector128<byte> a, Vector128<byte> b) => (Vector128.WidenLower(a.AsUInt16()) | (Vector128.WidenLower(b.AsUInt16()) << 16)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> UnpackHighInt16(Vector128<byte> a, Vector128<byte> b) => (Vector128.WidenUpper(a.AsUInt16()) | (Vector128.WidenUpper(b.AsUInt16()) << 16)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddBytes(Vector128<byte> unsigned, Vector128<byte> signed)
    {
        // Each int16 lane holds two neighbours: the lower byte is even, the upper odd.
        Vector128<short> weights = signed.AsInt16();
        Vector128<short> even = (unsigned.AsInt16() & Vector128.Create((short)0xFF)) * ((weights << 8) >> 8);
        Vector128<short> odd = (unsigned.AsInt16() >>> 8) * (weights >> 8);
        return (even + odd).AsByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> a, Vector128<byte> b)
    {
        Vector128<int> x = a.AsInt32(), y = b.AsInt32();
        return ((((x << 16) >> 16) * ((y << 16) >> 16)) + ((x >> 16) * (y >> 16))).AsByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddInt16(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddInt32(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddPairsInt32(Vector128<byte> a, Vector128<byte> b) => Vector128.Create(PairSums(a), PairSums(b)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftRightInt16By4(Vector128<byte> a) => (a.AsInt16() >> 4).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> And(Vector128<byte> a, Vector128<byte> b) => a & b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MaxInt16(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a.AsInt16(), b.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Requantize(Vector128<byte> accumulator, Vector128<byte> multiplier) =>
        Round(Vector128.ConvertToSingle(accumulator.AsInt32()) * multiplier.AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Requantize(Vector128<byte> accumulator, Vector128<byte> multiplier, Vector128<byte> residual, Vector128<byte> residualMultiplier) =>
        Round((Vector128.ConvertToSingle(accumulator.AsInt32()) * multiplier.AsSingle()) + (Vector128.ConvertToSingle(residual.AsInt32()) * residualMultiplier.AsSingle()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PackInt32(Vector128<byte> low, Vector128<byte> high) => Vector128.NarrowWithSaturation(low.AsInt32(), high.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PackInt16(Vector128<byte> low, Vector128<byte> high) => Vector128.NarrowWithSaturation(low.AsInt16(), high.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(void* destination, Vector128<byte> int16) => Unsafe.WriteUnaligned(destination, PackInt16(int16, int16).AsUInt64().ToScalar());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MaxInt32(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a.AsInt32(), b.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrowInt32(void* destination, Vector128<byte> int32) => Unsafe.WriteUnaligned(destination, PackInt16(PackInt32(int32, int32), int32).AsUInt32().ToScalar());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadWiden(void* source) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsSByte()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadWidenInt32(void* source) => Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(source)).AsSByte())).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> WidenLow(Vector128<byte> int16) => Vector128.WidenLower(int16.AsInt16()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> WidenHigh(Vector128<byte> int16) => Vector128.WidenUpper(int16.AsInt16()).AsByte();

    /// <summary>To the nearest integer, half to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Round(Vector128<float> value) => Vector128.ConvertToInt32(Vector128.Round(value)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector64<int> PairSums(Vector128<byte> a) =>
        (Vector128.Shuffle(a.AsInt32(), Vector128.Create(0, 2, 0, 2)) + Vector128.Shuffle(a.AsInt32(), Vector128.Create(1, 3, 1, 3))).GetLower();
}
