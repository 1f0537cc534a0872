namespace Tessera.Data.Tests.Loading;

public class SplittableRandomTests
{
    [Fact]
    public void A_stream_is_splitmix64_from_its_key()
    {
        // With this seed the key is mix(0) = 0, so the stream is the published one of SplitMix64 with state 0.
        SplittableRandom random = SplittableRandom.For(unchecked(0UL - 0x9E3779B97F4A7C15));
        Assert.Equal(0xE220A8397B1DCDAFUL, random.NextUInt64());
        Assert.Equal(0x6E789E6AA1B965F4UL, random.NextUInt64());
        Assert.Equal(0x06C45D188009454FUL, random.NextUInt64());
    }

    [Fact]
    public void Streams_of_different_paths_differ_and_equal_paths_agree()
    {
        ulong[] first = [.. new long[][] { [], [0], [1], [0, 0], [0, 1], [1, 0], [0, 0, 0] }.Select(path => SplittableRandom.For(7, path).NextUInt64())];
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.Equal(SplittableRandom.For(7, 1, 2).NextUInt64(), SplittableRandom.For(7, 1, 2).NextUInt64());
        Assert.NotEqual(SplittableRandom.For(7, 1, 2).NextUInt64(), SplittableRandom.For(8, 1, 2).NextUInt64());
    }

    [Fact]
    public void Whole_numbers_are_even_over_their_range_and_doubles_over_zero_to_one()
    {
        SplittableRandom random = SplittableRandom.For(1);
        var counts = new int[7];
        double sum = 0;
        for (int i = 0; i < 70_000; i++)
        {
            counts[random.Next(7)]++;
            double value = random.NextDouble();
            Assert.InRange(value, 0, 1 - double.Epsilon);
            sum += value;
        }

        // The standard deviation of a count is 93 and of the mean 0.0011; the seed is fixed.
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
        Assert.InRange(sum / 70_000, 0.495, 0.505);
    }
}
