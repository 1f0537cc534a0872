using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Tessera.Runtime.Kernels;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>
/// The form that kernels take where one instruction forms dot products, as AVX-VNNI has it, on machines without it: everything but the
/// instruction itself, whose place plain loops take. On a machine that has it the set is tested like every other.
/// </summary>
public class WideDotTests
{
    [Fact]
    public void Kernels_of_128_bits_equal_the_reference() => Check(new KernelWidth<Vector128<byte>, PortableIsa, PlainDot128, PlainInt16Dot128>("plain"));

    [Fact]
    public void Kernels_of_256_bits_equal_the_reference()
    {
        if (Avx2.IsSupported)
        {
            Check(new KernelWidth<Vector256<byte>, Avx2Isa, PlainDot256, PlainInt16Dot256>("plain"));
        }
    }

    [Fact]
    public void Kernels_of_512_bits_and_32_registers_equal_the_reference()
    {
        if (Avx2.IsSupported)
        {
            Check(new KernelWidth<Vector512<byte>, DoubledAvx2Isa, PairwiseDot<Vector512<byte>, DoubledAvx2Isa>, Int16Dot<Vector512<byte>, DoubledAvx2Isa>>("doubled"));
        }
    }

    [Fact]
    public void The_instruction_gives_what_takes_its_place_here()
    {
        if (AvxVnni.IsSupported)
        {
            var random = new Random(1);
            var bytes = new byte[96];
            for (int i = 0; i < 1000; i++)
            {
                random.NextBytes(bytes);
                Vector256<byte> sums = Vector256.Create<byte>(bytes), unsigned = Vector256.Create<byte>(bytes.AsSpan(32)) & Vector256.Create((byte)127), signed = Vector256.Create<byte>(bytes.AsSpan(64));
                Assert.Equal(PlainDot256.Add(sums, unsigned, signed), VnniDot.Add(sums, unsigned, signed));
                Assert.Equal(PlainInt16Dot256.Add(sums, unsigned, signed), VnniInt16Dot.Add(sums, unsigned, signed));
            }
        }
    }

    private static void Check(KernelWidth width)
    {
        int count = 0;
        foreach (ConvCase testCase in ConvCases.All)
        {
            // What may leave int32 never reaches a vector kernel.
            if (RequantizedRange.StaysWithinInt32(testCase.Conv))
            {
                testCase.Check(width.Conv(testCase.Conv, testCase.Input, testCase.Output, testCase.NonNegative)!.Make(), RowPlace.AmongPoison);
                count++;
            }
        }

        Assert.True(count > 1000);
    }

    private readonly struct PlainDot128 : IDotProduct<Vector128<byte>>
    {
        public static int ElementBytes => 1;

        public static Vector128<byte> Add(Vector128<byte> accumulator, Vector128<byte> unsigned, Vector128<byte> signed)
        {
            for (int lane = 0; lane < 4; lane++)
            {
                int sum = accumulator.AsInt32()[lane];
                for (int i = 4 * lane; i < (4 * lane) + 4; i++)
                {
                    sum += unsigned[i] * (sbyte)signed[i];
                }

                accumulator = accumulator.AsInt32().WithElement(lane, sum).AsByte();
            }

            return accumulator;
        }
    }

    private readonly struct PlainDot256 : IDotProduct<Vector256<byte>>
    {
        public static int ElementBytes => 1;

        public static Vector256<byte> Add(Vector256<byte> accumulator, Vector256<byte> unsigned, Vector256<byte> signed) => Vector256.Create(
            PlainDot128.Add(accumulator.GetLower(), unsigned.GetLower(), signed.GetLower()),
            PlainDot128.Add(accumulator.GetUpper(), unsigned.GetUpper(), signed.GetUpper()));
    }

    private readonly struct PlainInt16Dot128 : IDotProduct<Vector128<byte>>
    {
        public static int ElementBytes => 2;

        public static Vector128<byte> Add(Vector128<byte> accumulator, Vector128<byte> values, Vector128<byte> weights)
        {
            for (int lane = 0; lane < 4; lane++)
            {
                int sum = accumulator.AsInt32()[lane] + (values.AsInt16()[2 * lane] * weights.AsInt16()[2 * lane]) + (values.AsInt16()[(2 * lane) + 1] * weights.AsInt16()[(2 * lane) + 1]);
                accumulator = accumulator.AsInt32().WithElement(lane, sum).AsByte();
            }

            return accumulator;
        }
    }

    private readonly struct PlainInt16Dot256 : IDotProduct<Vector256<byte>>
    {
        public static int ElementBytes => 2;

        public static Vector256<byte> Add(Vector256<byte> accumulator, Vector256<byte> values, Vector256<byte> weights) => Vector256.Create(
            PlainInt16Dot128.Add(accumulator.GetLower(), values.GetLower(), weights.GetLower()),
            PlainInt16Dot128.Add(accumulator.GetUpper(), values.GetUpper(), weights.GetUpper()));
    }
}
