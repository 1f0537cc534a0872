namespace Tessera.Data.Tests.Loading;

public class SampleOrderTests
{
    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 3)]
    [InlineData(17, 4)]
    [InlineData(2, 5)]
    public void Ranks_get_equally_many_and_together_every_sample(int count, int worldSize)
    {
        int[][] ranks = [.. Enumerable.Range(0, worldSize).Select(rank => SampleOrder.ForRank(count, true, 5, 2, rank, worldSize))];
        Assert.All(ranks, order => Assert.Equal((count + worldSize - 1) / worldSize, order.Length));
        Assert.Equal(Enumerable.Range(0, count), ranks.SelectMany(order => order).Distinct().Order());

        // As DistributedSampler: rank r takes places r, r + worldSize, … of the order that is repeated from its start.
        int[] whole = SampleOrder.ForRank(count, true, 5, 2, 0, 1);
        for (int place = 0; place < ranks[0].Length * worldSize; place++)
        {
            Assert.Equal(whole[place % count], ranks[place % worldSize][place / worldSize]);
        }
    }

    [Fact]
    public void Without_shuffling_the_order_is_the_stored_one() => Assert.Equal([0, 1, 2, 3], SampleOrder.ForRank(4, false, 9, 9, 0, 1));

    [Fact]
    public void Seed_and_epoch_decide_the_order()
    {
        int[] order = SampleOrder.ForRank(50, true, 1, 0, 0, 1);
        Assert.Equal(order, SampleOrder.ForRank(50, true, 1, 0, 0, 1));
        Assert.NotEqual(order, SampleOrder.ForRank(50, true, 1, 1, 0, 1));
        Assert.NotEqual(order, SampleOrder.ForRank(50, true, 2, 0, 0, 1));
    }

    [Fact]
    public void The_order_never_changes_between_versions() =>
        Assert.Equal(GoldenOrder, SampleOrder.ForRank(10, true, 42, 3, 0, 1));

    // Computed by a separate Python program from the definition in docs/data.md.
    private static readonly int[] GoldenOrder = [3, 7, 4, 2, 9, 8, 5, 0, 6, 1];
}
