using System.Runtime.CompilerServices;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// Which groups of four input channels (quads) of a pointwise convolution may have their products summed in int16 before they are widened:
/// the fewer sums are widened, the faster the kernel.
/// </summary>
/// <remarks>
/// An int16 lane holds the products of two channels of each quad. With inputs of 0..127 the sum over a group lies within a range 127·Σ|w| wide.
/// While that is at most 65,535 the sum is known from its lower 16 bits: an offset, added to the lane and taken off the bias, moves the range
/// into int16. Two quads always fit, since 127·4·128 is 65,024; four do in most trained networks.
/// </remarks>
internal sealed class QuadGrouping
{
    /// <summary>Quads of a large group.</summary>
    public const int Large = 4;

    /// <summary>Quads of a small group.</summary>
    public const int Small = 2;

    // 127·516 = 65,532.
    private const int Limit = 516;

    // A group that is not found among so many is not looked for further: files decide how many quads there are.
    private const int Candidates = 64;

    private readonly ushort[][] _magnitudes;

    private QuadGrouping(ushort[][] magnitudes) => _magnitudes = magnitudes;

    /// <summary>The quads, those of large groups first, then those of small ones, then what is left over.</summary>
    public List<int> Order { get; } = [];

    /// <summary>Number of large groups.</summary>
    public int LargeGroups { get; private set; }

    /// <summary>Number of small groups.</summary>
    public int SmallGroups { get; private set; }

    /// <summary>Groups the quads of a block of output channels.</summary>
    /// <param name="weights">Weights of the block, output channel × input channel; a multiple of four input channels.</param>
    /// <param name="inputs">Input channels.</param>
    public static QuadGrouping Of(ReadOnlySpan<sbyte> weights, int inputs)
    {
        int lanes = weights.Length / inputs * 2;
        var magnitudes = new ushort[inputs / 4][];
        for (int quad = 0; quad < magnitudes.Length; quad++)
        {
            magnitudes[quad] = Magnitudes(weights[(quad * 4)..], inputs, lanes);
        }

        var grouping = new QuadGrouping(magnitudes);
        grouping.Build();
        return grouping;
    }

    /// <summary>The offset that keeps a lane's sum within int16.</summary>
    /// <param name="positive">Sum of the lane's positive weights.</param>
    /// <param name="negative">Sum of the magnitudes of its negative ones; both together at most 516.</param>
    public static short Offset(int positive, int negative) =>
        (short)Math.Clamp(0, Math.Max((127 * negative) + short.MinValue, short.MinValue), short.MaxValue - (127 * positive));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ushort[] Magnitudes(ReadOnlySpan<sbyte> weights, int inputs, int lanes)
    {
        var sums = new ushort[lanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            int at = (lane / 2 * inputs) + (lane % 2 * 2);
            sums[lane] = (ushort)(Math.Abs((int)weights[at]) + Math.Abs((int)weights[at + 1]));
        }

        return sums;
    }

    private void Build()
    {
        // The heaviest quads choose their companions first, while there is most to choose from.
        List<int> open = [.. Enumerable.Range(0, _magnitudes.Length).OrderByDescending(quad => _magnitudes[quad].Max())];
        var rest = new List<int>();
        while (open.Count >= Large)
        {
            int[]? group = LargeGroupOf(open);
            if (group is null)
            {
                rest.Add(open[0]);
                open.RemoveAt(0);
                continue;
            }

            Order.AddRange(group);
            LargeGroups++;
            foreach (int quad in group)
            {
                open.Remove(quad);
            }
        }

        rest.AddRange(open);
        Order.AddRange(rest);
        SmallGroups = rest.Count / Small;
    }

    /// <summary>The first open quad and the first three that fit it, from the lightest on; null where there are none.</summary>
    private int[]? LargeGroupOf(List<int> open)
    {
        var sums = (ushort[])_magnitudes[open[0]].Clone();
        int[] group = new int[Large];
        group[0] = open[0];
        int count = 1;
        for (int i = open.Count - 1; i > 0 && count < Large && open.Count - i <= Candidates; i--)
        {
            if (Fits(sums, _magnitudes[open[i]]))
            {
                Add(sums, _magnitudes[open[i]]);
                group[count++] = open[i];
            }
        }

        return count == Large ? group : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Fits(ReadOnlySpan<ushort> sums, ReadOnlySpan<ushort> added)
    {
        for (int lane = 0; lane < sums.Length; lane++)
        {
            if (sums[lane] + added[lane] > Limit)
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(Span<ushort> sums, ReadOnlySpan<ushort> added)
    {
        for (int lane = 0; lane < sums.Length; lane++)
        {
            sums[lane] += added[lane];
        }
    }
}
