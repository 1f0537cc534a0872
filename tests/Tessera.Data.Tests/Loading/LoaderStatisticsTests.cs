namespace Tessera.Data.Tests.Loading;

public class LoaderStatisticsTests
{
    [Theory]
    [InlineData(1, 9, 9, 9, LoaderBottleneck.Compute)]
    [InlineData(20, 9, 5, 5, LoaderBottleneck.Read)]
    [InlineData(20, 5, 9, 5, LoaderBottleneck.Decode)]
    [InlineData(20, 5, 5, 9, LoaderBottleneck.Augment)]
    public void The_bottleneck_is_the_longest_phase_where_the_consumer_waits(int wait, int read, int decode, int augment, LoaderBottleneck expected)
    {
        var statistics = new LoaderStatistics(10, Seconds(wait), Seconds(1), Seconds(read), Seconds(decode), Seconds(augment)) { Elapsed = Seconds(100), Workers = 0 };
        Assert.Equal(expected, statistics.Bottleneck);
        Assert.Equal((wait / 100.0, 0.1), (statistics.WaitShare, statistics.Rate));
        Assert.Equal(expected == LoaderBottleneck.Compute, statistics.Advice.Length == 0);
        Assert.Contains(expected.ToString().ToLowerInvariant(), statistics.ToString());
    }

    [Fact]
    public void The_advice_names_the_setting()
    {
        var statistics = new LoaderStatistics(10, Seconds(50), Seconds(0), Seconds(1), Seconds(90), Seconds(5)) { Elapsed = Seconds(100), Workers = 0 };
        Assert.Contains("num_workers (now 0", statistics.Advice);
        Assert.Contains("--image-codec raw", statistics.Advice);
        Assert.Contains("more cores", (statistics with { Workers = Environment.ProcessorCount }).Advice);
        Assert.Equal("data wait 0.0 % (compute-bound)", default(LoaderStatistics).ToString());
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
