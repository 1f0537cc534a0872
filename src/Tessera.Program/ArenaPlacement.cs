namespace Tessera.Programs;

/// <summary>Places blocks of memory whose lifetimes differ in one arena ("greedy by size" of Pisarchyk and Lee, 2020).</summary>
public static class ArenaPlacement
{
    /// <summary>Places the largest block first.</summary>
    /// <inheritdoc cref="Greedy"/>
    public static long[] GreedyBySize(IReadOnlyList<long> sizes, IReadOnlyList<TensorLifetime> lifetimes) =>
        Greedy(sizes, lifetimes, Enumerable.Range(0, sizes.Count).OrderByDescending(block => sizes[block]));

    /// <summary>Places one block after another, each into the smallest gap that the placed ones of its lifetime leave, else behind them.</summary>
    /// <param name="sizes">Bytes of each block.</param>
    /// <param name="lifetimes">When each is needed; blocks whose lifetimes overlap do not share a byte.</param>
    /// <param name="order">The blocks in the order in which they are placed.</param>
    /// <returns>The first byte of each block.</returns>
    public static long[] Greedy(IReadOnlyList<long> sizes, IReadOnlyList<TensorLifetime> lifetimes, IEnumerable<int> order)
    {
        var offsets = new long[sizes.Count];
        var placed = new List<int>();
        foreach (int block in order)
        {
            offsets[block] = SmallestGap(placed.Where(other => lifetimes[other].Overlaps(lifetimes[block])).OrderBy(other => offsets[other]), sizes, offsets, sizes[block]);
            placed.Add(block);
        }

        return offsets;
    }

    private static long SmallestGap(IEnumerable<int> neighbours, IReadOnlyList<long> sizes, long[] offsets, long wanted)
    {
        long end = 0;
        long best = -1;
        long bestGap = long.MaxValue;
        foreach (int neighbour in neighbours)
        {
            long gap = offsets[neighbour] - end;
            if (gap >= wanted && gap < bestGap)
            {
                (best, bestGap) = (end, gap);
            }

            end = Math.Max(end, offsets[neighbour] + sizes[neighbour]);
        }

        return best >= 0 ? best : end;
    }
}
