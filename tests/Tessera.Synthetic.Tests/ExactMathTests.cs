namespace Tessera.Synthetic.Tests;

public sealed class ExactMathTests
{
    [Fact]
    public void Sine_and_cosine_follow_the_library()
    {
        for (int i = -2000; i <= 2000; i++)
        {
            (float sin, float cos) = ExactMath.SinCos(i / 777f);

            // The polynomials end where the next term is below 1e-6; float rounding adds less.
            Assert.Equal(Math.Sin(i / 777f * 2 * Math.PI), sin, 2e-6);
            Assert.Equal(Math.Cos(i / 777f * 2 * Math.PI), cos, 2e-6);
        }
    }

    [Fact]
    public void Decay_falls_from_one_towards_zero()
    {
        float last = 1;
        Assert.Equal(1, ExactMath.Decay(0));
        for (float x = 0.1f; x < 30; x += 0.1f)
        {
            float value = ExactMath.Decay(x);
            Assert.InRange(value, 0, last);
            last = value;
        }

        Assert.InRange(last, 0, 0.001);
    }

    [Fact]
    public void Noise_stays_between_zero_and_one_and_has_no_steps()
    {
        for (int i = 0; i < 3000; i++)
        {
            float x = (i - 1500) * 0.173f, y = (i % 77) * 1.31f, here = Noise.At(x, y);
            Assert.InRange(here, 0, 1);
            Assert.InRange(Math.Abs(Noise.At(x + 0.001f, y) - here), 0, 0.01);
            Assert.InRange(Noise.Cell(i - 1500, i * 7, 3), 0, 0.99999997f);
        }
    }
}
