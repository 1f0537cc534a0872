namespace Tessera.Graphs;

/// <summary>How the values of a parameter start.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Value">The constant, the standard deviation, or the bound of a uniform distribution.</param>
public readonly record struct StartingValues(StartingValues.Distribution Kind, double Value)
{
    /// <summary>Distributions that parameters are drawn from.</summary>
    public enum Distribution
    {
        /// <summary>All values are <see cref="Value"/>.</summary>
        Constant,

        /// <summary>N(0, <see cref="Value"/>²).</summary>
        Normal,

        /// <summary>Uniform in ±<see cref="Value"/>.</summary>
        Uniform,
    }

    /// <summary>All values are the same.</summary>
    public static StartingValues Constant(double value) => new(Distribution.Constant, value);

    /// <summary>N(0, std²).</summary>
    public static StartingValues Normal(double std) => new(Distribution.Normal, std);

    /// <summary>Uniform in ±bound.</summary>
    public static StartingValues Uniform(double bound) => new(Distribution.Uniform, bound);
}
