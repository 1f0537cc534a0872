using System.Numerics;
using System.Runtime.InteropServices;

namespace Tessera.Data;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720, appendix B.4). The processor's instruction takes eight bytes in three cycles and can have three in flight,
/// so long inputs are taken in four parts at once, whose checksums are then joined.
/// </summary>
internal static class Crc32C
{
    private const uint Polynomial = 0x82F63B78; // bits reversed, as everywhere here: the highest bit is x to the power 0
    private const uint One = 1u << 31;
    private const int Lanes = 4;
    private const int LeastForLanes = 4096;

    /// <summary>The checksum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint state = uint.MaxValue;
        if (bytes.Length >= LeastForLanes)
        {
            int words = bytes.Length / (Lanes * sizeof(ulong));
            state = Append(state, MemoryMarshal.Cast<byte, ulong>(bytes)[..(words * Lanes)], words);
            bytes = bytes[(words * Lanes * sizeof(ulong))..];
        }

        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return ~state;
    }

    private static uint Append(uint state, ReadOnlySpan<ulong> words, int perLane)
    {
        ReadOnlySpan<ulong> a = words[..perLane], b = words.Slice(perLane, perLane), c = words.Slice(2 * perLane, perLane), d = words.Slice(3 * perLane, perLane);
        uint first = state, second = 0, third = 0, fourth = 0;
        for (int i = 0; i < a.Length; i++)
        {
            first = BitOperations.Crc32C(first, a[i]);
            second = BitOperations.Crc32C(second, b[i]);
            third = BitOperations.Crc32C(third, c[i]);
            fourth = BitOperations.Crc32C(fourth, d[i]);
        }

        // What follows a part multiplies its remainder by x to the power of its length in bits.
        uint shift = PowerOfX8(perLane * sizeof(ulong));
        return Multiply(Multiply(Multiply(first, shift) ^ second, shift) ^ third, shift) ^ fourth;
    }

    /// <summary>x to the power 8n modulo the polynomial.</summary>
    private static uint PowerOfX8(int n)
    {
        uint power = One, factor = One >> 8;
        for (; n > 0; n >>= 1)
        {
            power = (n & 1) != 0 ? Multiply(power, factor) : power;
            factor = Multiply(factor, factor);
        }

        return power;
    }

    private static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (uint bit = One; bit != 0; bit >>= 1)
        {
            product ^= (a & bit) != 0 ? b : 0;
            b = (b >> 1) ^ ((b & 1) != 0 ? Polynomial : 0);
        }

        return product;
    }
}
