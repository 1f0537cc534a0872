namespace Tessera.Cli.Comparison;

/// <summary>How far the values of two forms may be apart.</summary>
/// <param name="Share">The share of the largest magnitude that a node has in the first form.</param>
/// <param name="IsExact">Integers are compared, and must be equal; the share is 0.</param>
internal readonly record struct AllowedBand(double Share, bool IsExact = false)
{
    /// <summary>Two implementations of float, which add in other orders.</summary>
    public const double Float = 1e-4;

    /// <summary>Float against int8, two trainings, or QDQ, which leaves the rounding to the runtime: errors add up over the layers, so that only what is large is worth looking at.</summary>
    public const double Quantization = 0.1;

    /// <summary>The integers must be equal.</summary>
    public static AllowedBand Exact => new(0, IsExact: true);

    /// <summary>The distance that is allowed for a node.</summary>
    /// <param name="value">What it is in the first form.</param>
    public double Of(NodeValue value) => IsExact ? 0 : Share * value.Scale * value.Values.Max(MathF.Abs);
}
