namespace Tessera.Runtime.Kernels.Vectors;

/// <summary>
/// The instructions that the vector kernels are written in, one implementation per instruction set. A kernel is one text, generic over
/// this interface; the machine-code compiler makes one version of it for each set, so every set computes the same formulas.
/// </summary>
/// <typeparam name="TVector">The register: a vector of bytes that instructions read as bytes, int16, int32 or float32.</typeparam>
/// <remarks>
/// Unpacking and packing work within 128-bit lanes, as the x86 instructions do: packing what was unpacked gives the original order.
/// </remarks>
internal unsafe interface IVectorIsa<TVector>
    where TVector : struct
{
    /// <summary>Bytes of a register.</summary>
    static abstract int Width { get; }

    /// <summary>Number of registers.</summary>
    static abstract int Registers { get; }

    /// <summary>Reads a register; the address need not be aligned.</summary>
    static abstract TVector Load(void* source);

    /// <summary>Writes a register; the address need not be aligned.</summary>
    static abstract void Store(void* destination, TVector value);

    /// <summary>Reads four bytes into each int32 lane.</summary>
    static abstract TVector Broadcast(void* source);

    /// <summary>Reads eight bytes into each two int32 lanes.</summary>
    static abstract TVector BroadcastPair(void* source);

    /// <summary>The value in each int16 lane.</summary>
    static abstract TVector FillInt16(short value);

    /// <summary>The value in each int32 lane.</summary>
    static abstract TVector FillInt32(int value);

    /// <summary>The value in each float32 lane.</summary>
    static abstract TVector FillSingle(float value);

    /// <summary>Bytes a0 b0 a1 b1 … of the lower half of each lane.</summary>
    static abstract TVector UnpackLowBytes(TVector a, TVector b);

    /// <summary>Bytes a8 b8 a9 b9 … of the upper half of each lane.</summary>
    static abstract TVector UnpackHighBytes(TVector a, TVector b);

    /// <summary>Int16 values a0 b0 a1 b1 … of the lower half of each lane.</summary>
    static abstract TVector UnpackLowInt16(TVector a, TVector b);

    /// <summary>Int16 values a4 b4 a5 b5 … of the upper half of each lane.</summary>
    static abstract TVector UnpackHighInt16(TVector a, TVector b);

    /// <summary>Unsigned times signed bytes, neighbours added, in int16. Callers keep the sums within int16: saturation differs among sets.</summary>
    static abstract TVector MultiplyAddBytes(TVector unsigned, TVector signed);

    /// <summary>Int16 products, neighbours added, in int32.</summary>
    static abstract TVector MultiplyAddInt16(TVector a, TVector b);

    /// <summary>Sums of int16 lanes.</summary>
    static abstract TVector AddInt16(TVector a, TVector b);

    /// <summary>Sums of int32 lanes.</summary>
    static abstract TVector AddInt32(TVector a, TVector b);

    /// <summary>Sums of neighbouring int32 lanes in memory order: those of <paramref name="a"/>, then those of <paramref name="b"/>.</summary>
    static abstract TVector AddPairsInt32(TVector a, TVector b);

    /// <summary>Int16 lanes shifted right by four bits, with their sign.</summary>
    static abstract TVector ShiftRightInt16By4(TVector a);

    /// <summary>Bitwise and.</summary>
    static abstract TVector And(TVector a, TVector b);

    /// <summary>The larger of int16 lanes.</summary>
    static abstract TVector MaxInt16(TVector a, TVector b);

    /// <summary><c>rne(float32(acc)·multiplier)</c>, int32 lanes; the product is within int32.</summary>
    static abstract TVector Requantize(TVector accumulator, TVector multiplier);

    /// <summary><c>rne(float32(acc)·multiplier + float32(residual)·residualMultiplier)</c>, each operation rounded on its own.</summary>
    static abstract TVector Requantize(TVector accumulator, TVector multiplier, TVector residual, TVector residualMultiplier);

    /// <summary>Int32 lanes to int16, saturated: within each lane the four of <paramref name="low"/>, then the four of <paramref name="high"/>.</summary>
    static abstract TVector PackInt32(TVector low, TVector high);

    /// <summary>Int16 lanes to int8, saturated: within each lane the eight of <paramref name="low"/>, then the eight of <paramref name="high"/>.</summary>
    static abstract TVector PackInt16(TVector low, TVector high);

    /// <summary>Writes int16 lanes as int8, saturated, in memory order: half a register of bytes.</summary>
    static abstract void StoreNarrow(void* destination, TVector int16);

    /// <summary>The larger of int32 lanes.</summary>
    static abstract TVector MaxInt32(TVector a, TVector b);

    /// <summary>Writes int32 lanes as int8, saturated, in memory order: a quarter of a register of bytes.</summary>
    static abstract void StoreNarrowInt32(void* destination, TVector int32);

    /// <summary>Reads half a register of int8 values into int16 lanes, in memory order.</summary>
    static abstract TVector LoadWiden(void* source);

    /// <summary>Reads a quarter of a register of int8 values into int32 lanes, in memory order.</summary>
    static abstract TVector LoadWidenInt32(void* source);

    /// <summary>The int16 lanes that <see cref="UnpackLowInt16"/> takes, as int32.</summary>
    static abstract TVector WidenLow(TVector int16);

    /// <summary>The int16 lanes that <see cref="UnpackHighInt16"/> takes, as int32.</summary>
    static abstract TVector WidenHigh(TVector int16);
}
