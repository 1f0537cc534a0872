using Tessera.Quantization.Analysis;

namespace Tessera.Quantization.Tests.Analysis;

public class SignalErrorTests
{
    [Fact]
    public void Sqnr_and_cosine_are_those_of_all_batches()
    {
        var error = new SignalError();
        error.Take([3, 4], [3, 3]);
        Assert.Equal(10 * Math.Log10(25), error.Sqnr, 1e-12);
        Assert.Equal(21 / Math.Sqrt(25 * 18), error.Cosine, 1e-12);
        error.Take([0, 5], [1, 2], 2.5f); // 2.5 and 5
        Assert.Equal(10 * Math.Log10(50 / 7.25), error.Sqnr, 1e-6);
        Assert.Equal(46 / Math.Sqrt(50 * 49.25), error.Cosine, 1e-6);
    }

    [Fact]
    public void Every_element_counts_whatever_the_length()
    {
        var random = new Random(1);
        foreach (int length in new[] { 1, 7, 40, 2048, 5003 })
        {
            float[] y = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)], q = [.. y.Select(x => x + (random.NextSingle() / 100))];
            var error = new SignalError();
            error.Take(y, q);
            Assert.Equal(y.Sum(x => (double)x * x), error.Signal, 1e-5 * length);
            Assert.Equal(1, y.Zip(q, (a, b) => ((double)b - a) * (b - a)).Sum() / error.Error, 1e-4);
        }
    }

    [Fact]
    public void Without_a_signal_there_is_no_ratio_and_without_an_error_it_is_infinite()
    {
        var error = new SignalError();
        error.Take([0, 0], [0, 1]);
        Assert.True(double.IsNaN(error.Sqnr));
        Assert.True(double.IsNaN(error.Cosine));
        var exact = new SignalError();
        exact.Take([1, 2], [1, 2]);
        Assert.Equal(double.PositiveInfinity, exact.Sqnr);
    }

    [Fact]
    public void Spearman_goes_by_ranks_and_shares_them_among_equals()
    {
        Assert.Equal(1, RankCorrelation.Spearman([1, 2, 30, 400], [0.1, 0.2, 0.3, 0.4]), 1e-12);
        Assert.Equal(-1, RankCorrelation.Spearman([1, 2, 3], [9, 8, 7]), 1e-12);
        Assert.Equal(0.5, RankCorrelation.Spearman([1, 2, 3], [2, 1, 3]), 1e-12); // 1 - 6·(1 + 1 + 0)/(3·8)
        Assert.Equal(1.5 / Math.Sqrt(1.5 * 2), RankCorrelation.Spearman([1, 1, 3], [1, 2, 3]), 1e-12); // ranks ½ ½ 2 and 0 1 2
        Assert.True(double.IsNaN(RankCorrelation.Spearman([1, 1], [1, 2])));
        Assert.Throws<ArgumentException>(() => RankCorrelation.Spearman([1], [1, 2]));
    }
}
