using System.Runtime.Intrinsics;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>
/// Registers of 512 bits as two of 256: what the kernels make of the width and number of AVX-512's registers, on machines without it. Every instruction works within 128-bit lanes
/// or in memory order, so each is that of AVX2 on both halves.
/// </summary>
internal readonly unsafe struct DoubledAvx2Isa : IVectorIsa<Vector512<byte>>
{
    public static int Width => 64;

    public static int Registers => 32;

    public static Vector512<byte> Load(void* source) => Vector512.Create(Avx2Isa.Load(source), Avx2Isa.Load((byte*)source + 32));

    public static void Store(void* destination, Vector512<byte> value)
    {
        Avx2Isa.Store(destination, value.GetLower());
        Avx2Isa.Store((byte*)destination + 32, value.GetUpper());
    }

    public static Vector512<byte> Broadcast(void* source) => Twice(Avx2Isa.Broadcast(source));

    public static Vector512<byte> BroadcastPair(void* source) => Twice(Avx2Isa.BroadcastPair(source));

    public static Vector512<byte> FillInt16(short value) => Twice(Avx2Isa.FillInt16(value));

    public static Vector512<byte> FillInt32(int value) => Twice(Avx2Isa.FillInt32(value));

    public static Vector512<byte> FillSingle(float value) => Twice(Avx2Isa.FillSingle(value));

    public static Vector512<byte> UnpackLowBytes(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.UnpackLowBytes);

    public static Vector512<byte> UnpackHighBytes(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.UnpackHighBytes);

    public static Vector512<byte> UnpackLowInt16(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.UnpackLowInt16);

    public static Vector512<byte> UnpackHighInt16(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.UnpackHighInt16);

    public static Vector512<byte> MultiplyAddBytes(Vector512<byte> unsigned, Vector512<byte> signed) => Both(unsigned, signed, Avx2Isa.MultiplyAddBytes);

    public static Vector512<byte> MultiplyAddInt16(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.MultiplyAddInt16);

    public static Vector512<byte> AddInt16(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.AddInt16);

    public static Vector512<byte> AddInt32(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.AddInt32);

    public static Vector512<byte> AddPairsInt32(Vector512<byte> a, Vector512<byte> b) =>
        Vector512.Create(Avx2Isa.AddPairsInt32(a.GetLower(), a.GetUpper()), Avx2Isa.AddPairsInt32(b.GetLower(), b.GetUpper()));

    public static Vector512<byte> ShiftRightInt16By4(Vector512<byte> a) => Vector512.Create(Avx2Isa.ShiftRightInt16By4(a.GetLower()), Avx2Isa.ShiftRightInt16By4(a.GetUpper()));

    public static Vector512<byte> And(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.And);

    public static Vector512<byte> MaxInt16(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.MaxInt16);

    public static Vector512<byte> Requantize(Vector512<byte> accumulator, Vector512<byte> multiplier) => Both(accumulator, multiplier, Avx2Isa.Requantize);

    public static Vector512<byte> Requantize(Vector512<byte> accumulator, Vector512<byte> multiplier, Vector512<byte> residual, Vector512<byte> residualMultiplier) => Vector512.Create(
        Avx2Isa.Requantize(accumulator.GetLower(), multiplier.GetLower(), residual.GetLower(), residualMultiplier.GetLower()),
        Avx2Isa.Requantize(accumulator.GetUpper(), multiplier.GetUpper(), residual.GetUpper(), residualMultiplier.GetUpper()));

    public static Vector512<byte> PackInt32(Vector512<byte> low, Vector512<byte> high) => Both(low, high, Avx2Isa.PackInt32);

    public static Vector512<byte> PackInt16(Vector512<byte> low, Vector512<byte> high) => Both(low, high, Avx2Isa.PackInt16);

    public static void StoreNarrow(void* destination, Vector512<byte> int16)
    {
        Avx2Isa.StoreNarrow(destination, int16.GetLower());
        Avx2Isa.StoreNarrow((byte*)destination + 16, int16.GetUpper());
    }

    public static Vector512<byte> MaxInt32(Vector512<byte> a, Vector512<byte> b) => Both(a, b, Avx2Isa.MaxInt32);

    public static void StoreNarrowInt32(void* destination, Vector512<byte> int32)
    {
        Avx2Isa.StoreNarrowInt32(destination, int32.GetLower());
        Avx2Isa.StoreNarrowInt32((byte*)destination + 8, int32.GetUpper());
    }

    public static Vector512<byte> LoadWiden(void* source) => Vector512.Create(Avx2Isa.LoadWiden(source), Avx2Isa.LoadWiden((byte*)source + 16));

    public static Vector512<byte> LoadWidenInt32(void* source) => Vector512.Create(Avx2Isa.LoadWidenInt32(source), Avx2Isa.LoadWidenInt32((byte*)source + 8));

    public static Vector512<byte> WidenLow(Vector512<byte> int16) => Vector512.Create(Avx2Isa.WidenLow(int16.GetLower()), Avx2Isa.WidenLow(int16.GetUpper()));

    public static Vector512<byte> WidenHigh(Vector512<byte> int16) => Vector512.Create(Avx2Isa.WidenHigh(int16.GetLower()), Avx2Isa.WidenHigh(int16.GetUpper()));

    private static Vector512<byte> Twice(Vector256<byte> half) => Vector512.Create(half, half);

    private static Vector512<byte> Both(Vector512<byte> a, Vector512<byte> b, Func<Vector256<byte>, Vector256<byte>, Vector256<byte>> operation) =>
        Vector512.Create(operation(a.GetLower(), b.GetLower()), operation(a.GetUpper(), b.GetUpper()));
}
