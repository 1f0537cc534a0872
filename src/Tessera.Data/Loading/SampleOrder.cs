namespace Tessera.Data;

/// <summary>The order in which a rank visits the samples of an epoch: a pure function of its arguments.</summary>
public static class SampleOrder
{
    /// <summary>The sample indices of one rank.</summary>
    /// <remarks>
    /// The permutation is a Fisher–Yates shuffle (from the last place down) with the stream <c>SplittableRandom.For(seed, epoch)</c>.
    /// It is then repeated from its start until every rank gets equally many, and rank r takes places r, r + worldSize, …,
    /// as torch's DistributedSampler does.
    /// </remarks>
    /// <param name="count">Number of samples, at least 1.</param>
    /// <param name="shuffle">False: in stored order.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="rank">This process, 0..worldSize-1.</param>
    /// <param name="worldSize">Number of processes, at least 1.</param>
    /// <returns>ceil(count / worldSize) indices.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static int[] ForRank(int count, bool shuffle, ulong seed, int epoch, int rank, int worldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(worldSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, worldSize);
        int[] all = [.. Enumerable.Range(0, count)];
        if (shuffle)
        {
            SplittableRandom random = SplittableRandom.For(seed, epoch);
            for (int i = count - 1; i > 0; i--)
            {
                int j = random.Next(i + 1);
                (all[i], all[j]) = (all[j], all[i]);
            }
        }

        var mine = new int[(int)(((long)count + worldSize - 1) / worldSize)];
        for (int i = 0; i < mine.Length; i++)
        {
            mine[i] = all[(int)((rank + ((long)i * worldSize)) % count)];
        }

        return mine;
    }
}
