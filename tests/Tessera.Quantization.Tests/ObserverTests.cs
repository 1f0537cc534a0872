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

    [Fact]
    public void The_table_has_every_observer_once_and_each_can_be_made()
    {
        Assert.Equal(Enum.GetValues<ObserverKind>().Order(), ObserverTable.All.Select(entry => entry.Kind).Order());
        Assert.Equal(ObserverTable.All.Length, ObserverTable.All.Select(entry => entry.Name).Distinct().Count());
        foreach (ObserverTable.Entry entry in ObserverTable.All)
        {
            Observer observer = entry.Create(new ObserverSettings());
            Assert.Throws<InvalidOperationException>(() => observer.Scale);
            observer.Observe(new float[100]); // a dead tensor
            Assert.InRange(observer.Scale, Int8Arithmetic.ScaleFor(0), 1);
            Assert.Throws<WorkException>(() => observer.Observe([1, float.NaN]));
            observer.Observe([float.Epsilon, -1e-40f]); // no normal number
            observer.Observe([-3e38f, 3e38f, 1]);
            Assert.True(float.IsFinite(observer.Scale) && observer.Scale > 0, entry.Name);
        }
    }

    [Fact]
    public void The_moving_average_counts_each_batch_alike_in_any_order()
    {
        float[][] batches = [[1, -8], [2, -1], [6, 0]];
        var observer = new MovingAverageObserver();
        var reversed = new MovingAverageObserver();
        Array.ForEach(batches, batch => observer.Observe(batch));
        Array.ForEach([.. batches.Reverse()], batch => reversed.Observe(batch));
        Assert.Equal(Int8Arithmetic.ScaleFor(3), observer.Scale); // max (1 + 2 + 6)/3, min also -(8 + 1 + 0)/3
        Assert.Equal(observer.Scale, reversed.Scale);
    }

    [Fact]
    public void The_widest_range_clips_nothing()
    {
        var observer = new WidestObserver();
        observer.Observe([1, -5]);
        observer.Observe([2]);
        Assert.Equal(Int8Arithmetic.ScaleFor(5), observer.Scale);
    }

    [Fact]
    public void A_fixed_scale_stays()
    {
        var observer = new FixedScaleObserver(0.25f);
        observer.Observe([1000]);
        Assert.Equal(0.25f, observer.Scale);
    }

    [Theory]
    [InlineData(99.99, 2048)]
    [InlineData(99, 512)]
    [InlineData(100, 128)]
    [InlineData(50, 4096)]
    public void A_percentile_is_the_middle_of_the_bin_in_which_it_falls(double percentile, int bins)
    {
        float[] values = Gaussian(3, 40_000);
        var observer = new PercentileObserver(1, percentile, bins);
        observer.Observe(values);

        double[] magnitudes = [.. values.Select(x => Math.Abs((double)x)).Order()];
        double largest = magnitudes[^1], exact = magnitudes[(int)Math.Ceiling(percentile / 100 * magnitudes.Length) - 1];
        double expected = Math.Min((Math.Floor(exact / largest * bins) + 0.5) * largest / bins, largest);
        Assert.InRange(observer.Scale * 127.5, percentile == 100 ? largest * 0.99 : expected - (1e-4 * largest), percentile == 100 ? largest : expected + (1e-4 * largest));
    }

    [Fact]
    public void A_percentile_clips_to_both_sides_and_no_further_than_the_values_reach()
    {
        var observer = new PercentileObserver(1, 99, 1000);
        observer.Observe([.. Enumerable.Range(0, 1000).Select(i => i / 1000f), -50]); // one outlier below
        Assert.InRange(observer.Scale * 127.5, 0.97, 1.05);
    }

    [Fact]
    public void Mix_takes_the_percentile_with_the_smallest_error()
    {
        float[] values = [40, .. Gaussian(4, 200_000)];
        var observer = new MixObserver(1);
        observer.Observe(values);

        double[] errors = [.. new[] { 0.999, 0.9995, 0.9999, 0.99993, 0.99995, 0.99997, 0.99999, 0.999995, 0.999999 }.Select(share =>
        {
            var one = new PercentileObserver(1, share * 100, 2048);
            one.Observe(values);
            return Error(values, one.Scale);
        })];
        Assert.Equal(errors.Min(), Error(values, observer.Scale), errors.Min() * 1e-4);
        Assert.True(errors.Max() > 1.2 * errors.Min()); // it had a choice
    }

    [Fact]
    public void Kl_clips_a_far_outlier_and_keeps_an_even_range()
    {
        var bell = new KlObserver();
        bell.Observe([50, .. Gaussian(5, 200_000)]);
        Assert.InRange(bell.Scale * 127.5, 2, 20);

        var random = new Random(1);
        var even = new KlObserver();
        even.Observe([.. Enumerable.Range(0, 200_000).Select(_ => random.NextSingle())]);
        Assert.InRange(even.Scale * 127.5, 0.9, 1.001);
    }

    [Fact]
    public void Kl_gathers_one_histogram_over_batches_whose_range_grows()
    {
        float[] values = Gaussian(6, 100_000);
        var whole = new KlObserver();
        whole.Observe(values);
        var parts = new KlObserver();
        foreach (float[] batch in values.Order().Chunk(1000).OrderBy(batch => batch.Max(Math.Abs)))
        {
            parts.Observe(batch);
        }

        Assert.Equal(1, parts.Scale / whole.Scale, 0.15);
    }

    private static float[] Gaussian(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    private static float Candidate(float min, float max, int i) => Int8Arithmetic.ScaleFor(Math.Max(0, Math.Max(-min * (1 - (0.01f * i)), max * (1 - (0.01f * i)))));

    private static double Error(float[] values, float scale) => values.Sum(x =>
    {
        double difference = x - (Math.Round(Math.Clamp((double)x / scale, -128, 127)) * scale);
        return difference * difference;
    });
}
