using System.Numerics;

namespace Tessera.Core.Tests;

public class FixedPointTests
{
    // What follows says docs/arithmetic.md a second time, in integers without end.
    [Fact]
    public void It_is_the_specification_in_every_case_tried()
    {
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++)
        {
            (int m, int s) = (random.Next(8) switch { 0 => random.Next(3), 1 => FixedPoint.MostMultiplier, 2 => 1 << 14, _ => random.Next(1 << 14, 1 << 15) }, random.Next(FixedPoint.MostShift + 1));
            m = s < FixedPoint.MostShift ? Math.Max(m, 1 << 14) : m;
            int magnitude = random.Next(1, 25), accumulator = random.Next(-(1 << magnitude) + 1, 1 << magnitude);
            (float residual, int qr, int low) = ((float)(random.NextDouble() * Math.Pow(2, random.Next(-40, 7))), random.Next(-128, 128), random.Next(2) == 0 ? 0 : -128);
            var multiplier = (float)Math.ScaleB(m, -s);
            var r = (BigInteger)Math.Round(Math.ScaleB(residual, s), MidpointRounding.ToEven);

            Assert.True(FixedPoint.Holds(multiplier), $"{m} / 2^{s}");
            Assert.Equal(m == 0 ? FixedPoint.MostShift : s, FixedPoint.ShiftOf(multiplier));
            Assert.Equal(Clamp(((BigInteger)accumulator * m) + ((BigInteger.One << s) >> 1) >> s, low), FixedPoint.Requantize(accumulator, multiplier, low));
            if (m > 0)
            {
                Assert.Equal(Clamp(((BigInteger)accumulator * m) + (qr * r) + ((BigInteger.One << s) >> 1) >> s, low), FixedPoint.Requantize(accumulator, multiplier, (sbyte)qr, residual, low));
            }
        }
    }

    [Theory]
    [InlineData(5, 3)] // 2.5
    [InlineData(7, 4)] // 3.5
    [InlineData(-5, -2)] // -2.5
    [InlineData(-7, -3)]
    [InlineData(4, 2)]
    public void A_tie_goes_up(int accumulator, int expected) => Assert.Equal(expected, FixedPoint.Requantize(accumulator, 0.5f, -128));

    [Theory]
    [InlineData(0.0015625, 26214, 24)] // 0.0015625 · 2^24 = 26214.4
    [InlineData(0.5, 16384, 15)]
    [InlineData(1.0, 16384, 14)]
    [InlineData(32767.4, 32767, 0)]
    [InlineData(0.99999, 16384, 14)] // 32767.67 of 2^15 would need a bit more
    [InlineData(1e-8, 2749, 38)]
    [InlineData(1e-13, 0, 38)]
    [InlineData(0.0, 0, 38)]
    public void The_nearest_multiplier_has_15_bits(double factor, int m, int s)
    {
        float nearest = FixedPoint.Nearest(factor);
        Assert.Equal(Math.ScaleB(m, -s), nearest);
        Assert.True(FixedPoint.Holds(nearest));
    }

    [Fact]
    public void No_other_multiplier_is_nearer()
    {
        var random = new Random(2);
        for (int i = 0; i < 10_000; i++)
        {
            double factor = random.NextDouble() * Math.Pow(2, random.Next(-24, 15));
            float nearest = FixedPoint.Nearest(factor);
            double step = Math.ScaleB(1, -FixedPoint.ShiftOf(nearest));
            Assert.InRange(Math.Abs(nearest - factor), 0, step / 2);
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(32768f)]
    [InlineData(-0.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_has_more_bits_or_no_number_is_not_held(float factor) => Assert.False(FixedPoint.Holds(factor));

    [Theory]
    [InlineData(0.007843138f, 0.0078125f * 2)]
    [InlineData(0.0078125f, 0.0078125f)]
    [InlineData(3f, 4f)]
    [InlineData(1f, 1f)]
    [InlineData(1.1920929e-7f, 1.1920929e-7f)]
    public void A_shift_takes_the_next_power_of_two_as_scale(float found, float expected)
    {
        Assert.Equal(expected, Requantization.Shift.Scale(found));
        Assert.Equal(found, Requantization.Multiplier16.Scale(found));
        Assert.Equal(found == expected, Requantization.Shift.Takes(found));
        Assert.True(Requantization.Float32.Takes(found));
    }

    [Fact]
    public void A_shift_holds_powers_of_two_alone()
    {
        Assert.True(Requantization.Shift.Holds(0.25f) && Requantization.Shift.Holds(0));
        Assert.False(Requantization.Shift.Holds(0.375f));
        Assert.True(Requantization.Multiplier16.Holds(0.375f));
        Assert.False(Requantization.Multiplier16.Holds(0.1f));
        Assert.True(Requantization.Float32.Holds(0.1f));
    }

    [Fact]
    public void Names_lead_back_to_their_forms()
    {
        foreach (Requantization form in Enum.GetValues<Requantization>())
        {
            Assert.Equal(form, RequantizationRules.TryFind(form.Name));
        }

        Assert.Null(RequantizationRules.TryFind("float"));
    }

    private static int Clamp(BigInteger value, int low) => (int)BigInteger.Max(low, BigInteger.Min(127, value));
}
