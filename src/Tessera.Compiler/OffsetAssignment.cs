using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Offsets of tensors in one block of memory.</summary>
/// <param name="ArenaBytes">Size of the block.</param>
/// <param name="Offsets">The first byte of each tensor, by tensor index.</param>
internal sealed record OffsetAssignment(long ArenaBytes, long[] Offsets)
{
    private const int RefinementRounds = 64;

    /// <summary>Every tensor behind the one before it: no byte is used twice.</summary>
    public static OffsetAssignment WithoutReuse(TensorFootprint footprint)
    {
        var offsets = new long[footprint.Sizes.Length];
        long end = 0;
        for (int tensor = 0; tensor < offsets.Length; tensor++)
        {
            offsets[tensor] = end;
            end += footprint.Sizes[tensor];
        }

        return new OffsetAssignment(end, offsets);
    }

    /// <summary>
    /// Places the largest tensor first, each into the smallest gap that the placed tensors of its lifetime leave
    /// ("greedy by size" of Pisarchyk and Lee, 2020). Never needs more than <see cref="WithoutReuse"/>.
    /// </summary>
    public static OffsetAssignment GreedyBySize(TensorFootprint footprint) =>
        Greedy(footprint, BySize(footprint));

    /// <summary>
    /// Repeats the placement with the tensor that reached highest moved to the front of the order, until the arena meets the lower bound or
    /// the rounds are spent; returns the best placement seen, which is never worse than <see cref="GreedyBySize"/>.
    /// </summary>
    public static OffsetAssignment Refined(TensorFootprint footprint, long lowerBound)
    {
        List<int> order = [.. BySize(footprint)];
        OffsetAssignment best = Greedy(footprint, order);
        OffsetAssignment current = best;
        for (int round = 0; round < RefinementRounds && best.ArenaBytes > lowerBound; round++)
        {
            int highest = order.MaxBy(tensor => current.Offsets[tensor] + footprint.Sizes[tensor]);
            order.Remove(highest);
            order.Insert(0, highest);
            current = Greedy(footprint, order);
            best = current.ArenaBytes < best.ArenaBytes ? current : best;
        }

        return best;
    }

    private static IEnumerable<int> BySize(TensorFootprint footprint) =>
        Enumerable.Range(0, footprint.Sizes.Length).OrderByDescending(tensor => footprint.Sizes[tensor]);

    private static OffsetAssignment Greedy(TensorFootprint footprint, IEnumerable<int> order)
    {
        long[] offsets = ArenaPlacement.Greedy(footprint.Sizes, footprint.Lifetimes, order);
        return new OffsetAssignment(offsets.Zip(footprint.Sizes, (offset, size) => offset + size).Max(), offsets);
    }
}
