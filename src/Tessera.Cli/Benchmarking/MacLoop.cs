using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Cli.Benchmarking;

/// <summary>
/// A loop of int8 multiply-adds on registers, in the best instructions that .NET can use here. Independent sums hide the instructions'
/// latency; the left operands change in every turn, so that no product can be moved out of the loop.
/// </summary>
/// <param name="Name">The instructions.</param>
/// <param name="MacsPerTurn">Multiply-adds of one turn.</param>
/// <param name="Run">Makes so many turns and returns the sum of all sums, so that none can be left out.</param>
internal sealed record MacLoop(string Name, int MacsPerTurn, Func<int, int> Run)
{
    private const int Sums = 12;

    // Eight sums, each of four multiplications per turn.
    private const int GroupedSums = 8 * 4;

    /// <summary>The loops that this processor can run, any of which may be its fastest.</summary>
    public static IReadOnlyList<MacLoop> Supported()
    {
        List<MacLoop> loops = [];
        if (AvxVnni.IsSupported)
        {
            loops.Add(new MacLoop("AVX-VNNI, 256 bits", Sums * Vector256<byte>.Count, Vnni256));
        }

        if (Avx512BW.IsSupported)
        {
            loops.Add(new MacLoop("AVX-512BW, 512 bits", GroupedSums * Vector512<byte>.Count, Bytes512));
        }

        if (Avx2.IsSupported)
        {
            loops.Add(new MacLoop("AVX2, 256 bits", GroupedSums * Vector256<byte>.Count, Bytes256));
        }

        loops.Add(new MacLoop("portable, 128 bits", 4 * Vector128<short>.Count, Portable128));
        return loops;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Vnni256(int turns)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
        Vector256<int> s6 = default, s7 = default, s8 = default, s9 = default, s10 = default, s11 = default;
        Vector256<byte> left = Vector256.Create((byte)1);
        Vector256<byte> step = Vector256.Create((byte)3);
        Vector256<sbyte> even = Vector256.Create((sbyte)1), odd = Vector256.Create((sbyte)3);
        for (int turn = 0; turn < turns; turn++)
        {
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, left, even);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, left, odd);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, left, even);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, left, odd);
            s4 = AvxVnni.MultiplyWideningAndAdd(s4, left, even);
            s5 = AvxVnni.MultiplyWideningAndAdd(s5, left, odd);
            s6 = AvxVnni.MultiplyWideningAndAdd(s6, left, even);
            s7 = AvxVnni.MultiplyWideningAndAdd(s7, left, odd);
            s8 = AvxVnni.MultiplyWideningAndAdd(s8, left, even);
            s9 = AvxVnni.MultiplyWideningAndAdd(s9, left, odd);
            s10 = AvxVnni.MultiplyWideningAndAdd(s10, left, even);
            s11 = AvxVnni.MultiplyWideningAndAdd(s11, left, odd);
            left += step;
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Bytes512(int turns)
    {
        Vector512<int> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        Vector512<byte> a = Vector512.Create((byte)1), b = Vector512.Create((byte)2), c = Vector512.Create((byte)5), d = Vector512.Create((byte)7);
        Vector512<byte> step = Vector512.Create((byte)3);
        for (int turn = 0; turn < turns; turn++)
        {
            s0 += Dot(a, b, c, d, Right512(0));
            s1 += Dot(a, b, c, d, Right512(1));
            s2 += Dot(a, b, c, d, Right512(2));
            s3 += Dot(a, b, c, d, Right512(3));
            s4 += Dot(a, b, c, d, Right512(4));
            s5 += Dot(a, b, c, d, Right512(5));
            s6 += Dot(a, b, c, d, Right512(6));
            s7 += Dot(a, b, c, d, Right512(7));
            a += step;
            b += step;
            c += step;
            d += step;
        }

        return Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Bytes256(int turns)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        Vector256<byte> a = Vector256.Create((byte)1), b = Vector256.Create((byte)2), c = Vector256.Create((byte)5), d = Vector256.Create((byte)7);
        Vector256<byte> step = Vector256.Create((byte)3);
        for (int turn = 0; turn < turns; turn++)
        {
            s0 += Dot(a, b, c, d, Right256(0));
            s1 += Dot(a, b, c, d, Right256(1));
            s2 += Dot(a, b, c, d, Right256(2));
            s3 += Dot(a, b, c, d, Right256(3));
            s4 += Dot(a, b, c, d, Right256(4));
            s5 += Dot(a, b, c, d, Right256(5));
            s6 += Dot(a, b, c, d, Right256(6));
            s7 += Dot(a, b, c, d, Right256(7));
            a += step;
            b += step;
            c += step;
            d += step;
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Portable128(int turns)
    {
        Vector128<short> s0 = default, s1 = default, s2 = default, s3 = default;
        Vector128<short> left = Vector128.Create((short)1), step = Vector128.Create((short)3);
        for (int turn = 0; turn < turns; turn++)
        {
            s0 += left * Vector128.Create((short)3);
            s1 += left * Vector128.Create((short)5);
            s2 += left * Vector128.Create((short)7);
            s3 += left * Vector128.Create((short)9);
            left += step;
        }

        return Vector128.Sum(s0 + s1 + s2 + s3);
    }

    /// <summary>Four multiplications of bytes are summed before they are widened, as the kernels do it.</summary>
    private static Vector512<int> Dot(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c, Vector512<byte> d, Vector512<sbyte> right)
    {
        Vector512<short> first = Avx512BW.MultiplyAddAdjacent(a, right) + Avx512BW.MultiplyAddAdjacent(b, right);
        Vector512<short> second = Avx512BW.MultiplyAddAdjacent(c, right) + Avx512BW.MultiplyAddAdjacent(d, right);
        return Avx512BW.MultiplyAddAdjacent(first + second, Vector512<short>.One);
    }

    // A different operand for each sum, so that no product serves two of them.
    private static Vector512<sbyte> Right512(int sum) => Vector512.Create((sbyte)(sum - 9));

    /// <summary>Four multiplications of bytes are summed before they are widened, as the kernels do it.</summary>
    private static Vector256<int> Dot(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, Vector256<byte> d, Vector256<sbyte> right)
    {
        Vector256<short> first = Avx2.MultiplyAddAdjacent(a, right) + Avx2.MultiplyAddAdjacent(b, right);
        Vector256<short> second = Avx2.MultiplyAddAdjacent(c, right) + Avx2.MultiplyAddAdjacent(d, right);
        return Avx2.MultiplyAddAdjacent(first + second, Vector256<short>.One);
    }

    // A different operand for each sum, so that no product serves two of them.
    private static Vector256<sbyte> Right256(int sum) => Vector256.Create((sbyte)(sum - 9));
}
