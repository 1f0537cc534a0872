using System.Collections.Immutable;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Programs.Tests;

public class ReferenceConvTests
{
    public static TheoryData<int, int, int, bool> Geometries()
    {
        var cases = new TheoryData<int, int, int, bool>();
        foreach (int kernel in (int[])[1, 2, 3, 5])
        {
            foreach (int stride in (int[])[1, 2, 3])
            {
                for (int padding = 0; padding < kernel; padding++)
                {
                    cases.Add(kernel, stride, padding, false);
                    cases.Add(kernel, stride, padding, true);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Geometries))]
    public void It_computes_the_definition_in_every_element(int kernel, int stride, int padding, bool withResidual)
    {
        var random = new Random((kernel * 1000) + (stride * 100) + (padding * 10));
        int least = Math.Max(1, kernel - (2 * padding));
        foreach ((int inputs, int outputs, int groups) in (ReadOnlySpan<(int, int, int)>)[(1, 1, 1), (3, 8, 1), (8, 5, 1), (7, 7, 7), (4, 8, 4), (6, 4, 2)])
        {
            foreach ((int height, int width) in (ReadOnlySpan<(int, int)>)[(least, least), (least, 7), (6, least + 1), (9, 8)])
            {
                Compare(random, height, width, inputs, outputs, groups, kernel, stride, padding, withResidual);
            }
        }
    }

    private static void Compare(Random random, int height, int width, int inputs, int outputs, int groups, int kernel, int stride, int padding, bool withResidual)
    {
        var input = new IntegerTensor("x", height, width, inputs, 0.1f);
        var output = new IntegerTensor("y", ((height + (2 * padding) - kernel) / stride) + 1, ((width + (2 * padding) - kernel) / stride) + 1, outputs, 0.1f);
        ImmutableArray<IntegerTensor> tensors = [input, output];
        ConvInstruction conv = SmallPrograms.Conv(random, tensors, "y", 0, withResidual ? 1 : null, 1, kernel, stride, padding, groups, relu: random.Next(2) == 0);
        if (random.Next(2) == 0)
        {
            // Powers of two bring exact halves.
            conv = conv with { Multipliers = [.. conv.Multipliers.Select(_ => MathF.ScaleB(1, -random.Next(1, 12)))], ResidualMultiplier = withResidual ? 0.5f : 0 };
        }

        sbyte[] image = Values(random, input.Count), residual = Values(random, output.Count), result = new sbyte[output.Count];
        ReferenceConv.Run(conv, input, output, image, withResidual ? residual : default, result);
        Assert.Equal(ConvDefinition.Compute(conv, input, output, image, withResidual ? residual : null), result);
    }

    private static sbyte[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)(random.Next(4) == 0 ? random.Next(2) == 0 ? -128 : 127 : random.Next(-128, 128)))];

    [Theory]
    [InlineData(5, 0.5f, false, 2)] // 2.5 to the even 2
    [InlineData(7, 0.5f, false, 4)] // 3.5 to the even 4
    [InlineData(-5, 0.5f, false, -2)]
    [InlineData(-7, 0.5f, false, -4)]
    [InlineData(-7, 0.5f, true, 0)]
    [InlineData(255, 0.5f, false, 127)] // 127.5 is clamped before it is rounded
    [InlineData(1 << 23, 1f, false, 127)]
    [InlineData(-(1 << 23), 1f, false, -128)]
    [InlineData(-(1 << 23), 1f, true, 0)]
    [InlineData(-257, 0.5f, false, -128)] // -128.5
    [InlineData(0, 1f, true, 0)]
    public void Halves_go_to_even_and_the_ends_clamp(int bias, float multiplier, bool relu, int expected)
    {
        var tensor = new IntegerTensor("x", 1, 1, 1, 0.1f);
        var conv = new ConvInstruction("y", 0, null, 1)
        {
            Geometry = ConvGeometry.Square(1, 1, 0, 1),
            Low = relu ? 0 : Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [0],
            Bias = [bias],
            Multipliers = [multiplier],
        };
        var result = new sbyte[1];
        ReferenceConv.Run(conv, tensor, tensor, [127], default, result);
        Assert.Equal(expected, result[0]);
    }
}
