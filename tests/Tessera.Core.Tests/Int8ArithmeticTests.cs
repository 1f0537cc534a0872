namespace Tessera.Core.Tests;

/// <summary>The arithmetic against exact rational and decimal computations; docs/arithmetic.md's own examples are run by the runtime's tests.</summary>
public class Int8ArithmeticTests
{
    [Theory]
    [InlineData(127.5f, 1f)]
    [InlineData(1f, 0.007843138f)]
    [InlineData(0f, 1.1920929e-7f)]
    [InlineData(1e-9f, 1.1920929e-7f)]
    [InlineData(float.Epsilon, 1.1920929e-7f)]
    public void A_scale_is_amax_over_half_the_range_and_at_least_epsilon(float amax, float expected) =>
        Assert.Equal(expected, Int8Arithmetic.ScaleFor(amax));

    [Theory]
    [InlineData(0f, 1f, 0)]
    [InlineData(0.5f, 1f, 0)]
    [InlineData(1.5f, 1f, 2)]
    [InlineData(2.5f, 1f, 2)]
    [InlineData(-0.5f, 1f, 0)]
    [InlineData(-1.5f, 1f, -2)]
    [InlineData(127.5f, 1f, 127)]
    [InlineData(-127.5f, 1f, -128)]
    [InlineData(-128.5f, 1f, -128)]
    [InlineData(1e30f, 1f, 127)]
    [InlineData(-1e30f, 1f, -128)]
    [InlineData(3f, 2f, 2)]
    public void A_weight_is_divided_clamped_and_rounded_half_to_even(float weight, float scale, int expected) =>
        Assert.Equal(expected, Int8Arithmetic.QuantizeWeight(weight, scale));

    [Fact]
    public void A_bias_is_rounded_half_to_even_at_the_accumulators_scale()
    {
        Assert.All([float.NaN, float.PositiveInfinity, float.NegativeInfinity], broken =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Int8Arithmetic.QuantizeWeight(broken, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => Int8Arithmetic.QuantizeBias(broken, 1, 1));
        });
        Assert.Equal(2, Int8Arithmetic.QuantizeBias(2.5f, 1f, 1f));
        Assert.Equal(-4, Int8Arithmetic.QuantizeBias(-3.5f, 1f, 1f));
        Assert.Equal(128 * 64, Int8Arithmetic.QuantizeBias(1f, 1f / 128, 1f / 64));
        Assert.Equal(0, Int8Arithmetic.QuantizeBias(0f, 1e-7f, 1e-7f));
    }

    [Fact]
    public void Multipliers_are_formed_in_double_and_rounded_once()
    {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            float sx = Scale(random), sw = Scale(random), sy = Scale(random);
            // decimal's 28 digits stand in for the exact quotient; a double nearest to it rounds to the same float unless it lies within 2^-53 of a tie.
            double exact = (double)((decimal)(double)sx * (decimal)(double)sw / (decimal)(double)sy);
            Assert.Equal((float)exact, Int8Arithmetic.Multiplier(sx, sw, sy));
            Assert.Equal((float)((double)sx / sy), Int8Arithmetic.ResidualMultiplier(sx, sy));
        }
    }

    private static float Scale(Random random) => 0.001f + random.NextSingle();

    [Fact]
    public void Requantizing_rounds_each_product_and_the_sum_to_float32_on_its_own()
    {
        var random = new Random(2);
        int differsFromFused = 0;
        for (int i = 0; i < 200_000; i++)
        {
            int accumulator = random.Next(-(1 << 24) + 1, 1 << 24) >> random.Next(18);
            float m = MathF.ScaleB(1 + random.NextSingle(), -random.Next(4, 18)), r = MathF.ScaleB(1 + random.NextSingle(), -random.Next(0, 5));
            sbyte residual = (sbyte)random.Next(-128, 128);
            int low = random.Next(2) == 0 ? 0 : -128;

            // Products of 24-bit significands are exact in double, and so is the single rounding to float32; a float sum through double rounds innocuously (53 >= 2·24 + 2).
            float product = (float)((double)accumulator * m), shortcut = (float)((double)residual * r);
            Assert.Equal(Rounded(product, low), Int8Arithmetic.Requantize(accumulator, m, low));
            sbyte expected = Rounded((float)((double)product + shortcut), low);
            Assert.Equal(expected, Int8Arithmetic.Requantize(accumulator, m, residual, r, low));
            differsFromFused += expected != Rounded((float)((double)accumulator * m + shortcut), low) ? 1 : 0;
        }

        // At random the two roundings decide an int8 hardly ever; the next test holds a case where they do.
        Assert.True(differsFromFused < 200);
    }

    [Fact]
    public void A_fused_multiply_add_would_give_another_int8()
    {
        (int accumulator, float m, sbyte residual, float r) = FindFusedDifference();
        float product = (float)((double)accumulator * m), shortcut = (float)((double)residual * r);
        sbyte separate = Rounded((float)((double)product + shortcut), -128), fused = Rounded(MathF.FusedMultiplyAdd(accumulator, m, shortcut), -128);
        Assert.NotEqual(fused, separate);
        Assert.Equal(separate, Int8Arithmetic.Requantize(accumulator, m, residual, r, -128));
    }

    // Aims at sums that end in one half, where the last bit of the product decides.
    private static (int, float, sbyte, float) FindFusedDifference()
    {
        var random = new Random(3);
        while (true)
        {
            int accumulator = random.Next(1 << 20, 1 << 24);
            float half = random.Next(-40, 40) + 0.5f;
            sbyte residual = (sbyte)random.Next(-128, 128);
            float r = 1 + random.NextSingle();
            float m = (half - (residual * r)) / accumulator;
            float shortcut = residual * r;
            if (m > 0 && Rounded((float)((double)(float)((double)accumulator * m) + shortcut), -128) != Rounded(MathF.FusedMultiplyAdd(accumulator, m, shortcut), -128))
            {
                return (accumulator, m, residual, r);
            }
        }
    }

    private static sbyte Rounded(float value, int low) =>
        value >= 127 ? (sbyte)127 : value <= low ? (sbyte)low : (sbyte)decimal.Round((decimal)(double)value, MidpointRounding.ToEven);

    [Theory]
    [InlineData(5, 0.5f, -128, 2)]
    [InlineData(7, 0.5f, -128, 4)]
    [InlineData(-5, 0.5f, -128, -2)]
    [InlineData(-5, 0.5f, 0, 0)]
    [InlineData(255, 0.5f, -128, 127)]
    [InlineData(-257, 0.5f, -128, -128)]
    [InlineData((1 << 24) - 1, 1f, -128, 127)]
    [InlineData(-(1 << 24) + 1, 1f, -128, -128)]
    [InlineData(0, 0f, 0, 0)]
    public void Requantizing_clamps_before_it_rounds(int accumulator, float multiplier, int low, int expected) =>
        Assert.Equal(expected, Int8Arithmetic.Requantize(accumulator, multiplier, low));

    [Fact]
    public void Upsampling_is_the_rational_rounded_half_to_even_for_all_boundary_values()
    {
        int[] values = [-128, -127, -126, -65, -64, -9, -8, -7, -3, -2, -1, 0, 1, 2, 3, 7, 8, 9, 63, 64, 125, 126, 127];
        foreach (int a in values)
        {
            foreach (int b in values)
            {
                foreach (int c in values)
                {
                    foreach (int d in values)
                    {
                        decimal exact = ((9m * a) + (3m * b) + (3m * c) + d) / 16m;
                        Assert.Equal((sbyte)decimal.Round(exact, MidpointRounding.ToEven), Int8Arithmetic.Upsample(a, b, c, d));
                    }
                }
            }
        }
    }

    [Fact]
    public void Every_sum_that_an_upsample_can_have_rounds_half_to_even()
    {
        for (int a = -128; a < 128; a++)
        {
            for (int d = -128; d < 128; d++)
            {
                // b = c = a: all sums 15a + d.
                decimal exact = ((15m * a) + d) / 16m;
                Assert.Equal((sbyte)decimal.Round(exact, MidpointRounding.ToEven), Int8Arithmetic.Upsample(a, a, a, d));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(27)]
    [InlineData(4611)]
    public void The_bound_holds_of_every_partial_sum_and_behind_a_relu_the_products_reach_it(int count)
    {
        var random = new Random(count);
        for (int round = 0; round < 20; round++)
        {
            sbyte[] weights = [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-128, 128))];
            int bias = random.Next(-9000, 9000);
            long any = Int8Arithmetic.AccumulatorBound(weights, bias), behindRelu = Int8Arithmetic.AccumulatorBound(weights, bias, isInputNonNegative: true);
            Assert.True(behindRelu <= any);
            Assert.InRange(LargestPartialSum(weights, bias, _ => random.Next(-128, 128)), 0, any);
            Assert.InRange(LargestPartialSum(weights, bias, _ => random.Next(0, 128)), 0, behindRelu);

            // The worst images of all: only what pulls to one side.
            long up = LargestPartialSum(weights, 0, weight => weight > 0 ? 127 : 0), down = LargestPartialSum(weights, 0, weight => weight < 0 ? 127 : 0);
            Assert.Equal(behindRelu, Math.Max(up, down) + Math.Abs(bias));
        }

        long LargestPartialSum(sbyte[] weights, int bias, Func<sbyte, int> input)
        {
            long[] terms = [.. weights.Select(weight => (long)input(weight) * weight), bias];
            random.Shuffle(terms);
            long sum = 0;
            return terms.Max(term => Math.Abs(sum += term));
        }
    }

    [Fact]
    public void The_accumulator_bound_counts_the_worst_input()
    {
        Assert.Equal((128 * (128 + 127 + 1)) + 5, Int8Arithmetic.AccumulatorBound([-128, 127, 0, 1], -5));
        Assert.Equal(0, Int8Arithmetic.AccumulatorBound([], 0));
        Assert.True(Int8Arithmetic.AccumulatorBound([1], double.MaxValue) > Int8Arithmetic.AccumulatorLimit);
        Assert.True(Int8Arithmetic.AccumulatorBound([1], double.NegativeInfinity) > Int8Arithmetic.AccumulatorLimit);
        Assert.Equal(128 + 2147483648L, Int8Arithmetic.AccumulatorBound([1], int.MinValue));
    }

    [Fact]
    public void Float32_holds_every_accumulator_below_the_limit_exactly()
    {
        const int Limit = (int)Int8Arithmetic.AccumulatorLimit;
        foreach (int accumulator in (int[])[Limit - 1, Limit - 2, Limit - 3, (Limit / 2) + 1, 12345677, 1, 0])
        {
            Assert.Equal(accumulator, (int)(float)accumulator);
            Assert.Equal(-accumulator, (int)(float)-accumulator);
        }

        Assert.NotEqual(Limit + 1, (int)(float)(Limit + 1));
    }

    [Fact]
    public void Quantization_parameters_hold_only_positive_finite_scales()
    {
        foreach (float bad in (float[])[0, -1, float.NaN, float.PositiveInfinity])
        {
            Assert.Throws<ArgumentException>(() => new QuantParams(bad));
            Assert.Throws<ArgumentException>(() => new QuantParams([1, bad]));
        }

        Assert.Throws<ArgumentException>(() => new QuantParams([]));
        Assert.Equal(0.5f, new QuantParams(0.5f).Scale);
        Assert.Throws<InvalidOperationException>(() => new QuantParams([1, 2]).Scale);
    }
}
