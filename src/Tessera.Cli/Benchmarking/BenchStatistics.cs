namespace Tessera.Cli.Benchmarking;

/// <summary>Order statistics of measured times.</summary>
internal static class BenchStatistics
{
    /// <summary>The middle value; the mean of the two middle ones of an even number.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = Sorted(values);
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The smallest value that at least 99 % of the values do not exceed (nearest rank); of fewer than 100 values it is the largest.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static double Percentile99(IReadOnlyList<double> values)
    {
        double[] sorted = Sorted(values);
        return sorted[(((99 * sorted.Length) + 99) / 100) - 1];
    }

    /// <summary>The median of <c>times[i] / basis[i]</c>: what was measured in one round is compared with what was measured in the same round.</summary>
    /// <exception cref="ArgumentException">There is no value, or the numbers of values differ.</exception>
    public static double PairedRatio(IReadOnlyList<double> times, IReadOnlyList<double> basis) =>
        times.Count == basis.Count ? Median([.. times.Zip(basis, (time, one) => time / one)]) : throw new ArgumentException($"{times.Count} times cannot be paired with {basis.Count}.", nameof(basis));

    private static double[] Sorted(IReadOnlyList<double> values) =>
        values.Count > 0 ? [.. values.Order()] : throw new ArgumentException("There is no value.", nameof(values));
}
