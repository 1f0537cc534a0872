using Tessera.Cli.Benchmarking;

namespace Tessera.Cli.Tests.Benchmarking;

public sealed class BenchStatisticsTests
{
    [Theory]
    [InlineData(new[] { 5.0 }, 5)]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 100, 2 }, 3)]
    public void The_median_is_the_middle_value(double[] values, double expected) => Assert.Equal(expected, BenchStatistics.Median(values));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(100, 99)]
    [InlineData(101, 100)]
    [InlineData(200, 198)]
    [InlineData(1000, 990)]
    public void At_most_one_value_in_a_hundred_exceeds_the_99th_percentile(int count, double expected)
    {
        double[] values = [.. Enumerable.Range(1, count).Select(i => (double)i).Reverse()];
        Assert.Equal(expected, BenchStatistics.Percentile99(values));
        Assert.True(values.Count(value => value > expected) <= count / 100.0);
    }

    [Fact]
    public void A_ratio_is_taken_within_each_round()
    {
        // The second round was disturbed as a whole; the ratio of the medians would be 2.5.
        Assert.Equal(3, BenchStatistics.PairedRatio([3, 300, 6], [1, 100, 3]));
        Assert.Throws<ArgumentException>(() => BenchStatistics.PairedRatio([1, 2], [1]));
    }

    [Fact]
    public void Nothing_has_no_median() => Assert.Throws<ArgumentException>(() => BenchStatistics.Median([]));
}
