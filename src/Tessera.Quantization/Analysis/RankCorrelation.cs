namespace Tessera.Quantization.Analysis;

/// <summary>How alike two rankings of the same things are.</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's ρ: the correlation of the ranks, equal values sharing the mean of theirs; -1..1, NaN where one of both tells nothing apart.</summary>
    /// <exception cref="ArgumentException">There is not a value for each of the other's.</exception>
    public static double Spearman(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        if (a.Count != b.Count)
        {
            throw new ArgumentException($"There are {a.Count} values and {b.Count}; each needs one beside it.", nameof(b));
        }

        double[] x = Ranks(a), y = Ranks(b);
        double mean = (a.Count - 1) / 2.0, product = 0, squaresX = 0, squaresY = 0;
        for (int i = 0; i < x.Length; i++)
        {
            product += (x[i] - mean) * (y[i] - mean);
            squaresX += (x[i] - mean) * (x[i] - mean);
            squaresY += (y[i] - mean) * (y[i] - mean);
        }

        return squaresX > 0 && squaresY > 0 ? product / Math.Sqrt(squaresX * squaresY) : double.NaN;
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        var ranks = new double[values.Count];
        for (int first = 0, end; first < order.Length; first = end)
        {
            for (end = first + 1; end < order.Length && values[order[end]] == values[order[first]]; end++)
            {
            }

            foreach (int i in order.AsSpan(first, end - first))
            {
                ranks[i] = (first + end - 1) / 2.0;
            }
        }

        return ranks;
    }
}
