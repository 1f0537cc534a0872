using Tessera.Core;
using Tessera.Quantization.Observers;

namespace Tessera.Quantization.Tests;

public class ObserverTests
{
    [Fact]
    public void Min_max_takes_the_larger_magnitude_over_127_and_a_half()
    {
        var observer = new MinMaxObserver(1);
        observer.Observe([0.5f, -2.55f, 1f]);
        Assert.Equal(2.55f / 127.5f, observer.Scale);
    }

    [Fact]
    public void Later_batches_move_the_range_by_the_averaging_constant()
    {
        var observer = new MinMaxObserver(0.25);
        observer.Observe([1f]);
        observer.Observe([3f]);
        observer.Observe([-100f, 3f]); // the minimum moves from 0.5·… its own way: 1 → 1.5 → -23.875
        Assert.Equal(Int8Arithmetic.ScaleFor(23.875f), observer.Scale);
    }

    [Fact]
    public void Only_negative_values_still_give_a_positive_scale()
    {
        var observer = new MinMaxObserver(1);
        observer.Observe([-1f, -3f]);
        Assert.Equal(Int8Arithmetic.ScaleFor(3), observer.Scale);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_broken_value_anywhere_is_reported(float broken)
    {
        for (int position = 0; position < 37; position++)
        {
            var values = new float[37];
            values[position] = broken;
            Assert.Throws<WorkException>(() => new MinMaxObserver(1).Observe(values));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mse_finds_the_candidate_that_a_plain_search_finds(int seed)
    {
        var random = new Random(seed);
        float[] values = [1.3f, .. Enumerable.Range(0, 50_000).Select(_ => (2 * random.NextSingle()) - 1)];
        var observer = new MseObserver(1);
        observer.Observe(values);

        float min = values.Min(), max = values.Max();
        double[] errors = [.. Enumerable.Range(0, 95).Select(i => Error(values, Candidate(min, max, i)))];
        int best = Array.IndexOf(errors, errors.Min());
        Assert.InRange(best, 5, 90); // one outlier: clipping it pays, and the search is not at its end

        // The observer sums in float32; it may only pick another candidate whose error is the same to float accuracy.
        double chosen = Error(values, observer.Scale);
        Assert.InRange(chosen, errors.Min() * (1 - 1e-6), errors.Min() * (1 + 1e-4));
    }

    [Fact]
    public void Mse_prefers_the_narrowest_range_among_equals()
    {
        var observer = new MseObserver(1);
        observer.Observe(new float[100]);
        Assert.Equal(Int8Arithmetic.ScaleFor(0), observer.Scale);
    }

    private static float Candidate(float min, float max, int i) => Int8Arithmetic.ScaleFor(Math.Max(0, Math.Max(-min * (1 - (0.01f * i)), max * (1 - (0.01f * i)))));

    private static double Error(float[] values, float scale) => values.Sum(x =>
    {
        double difference = x - (Math.Round(Math.Clamp((double)x / scale, -128, 127)) * scale);
        return difference * difference;
    });
}
