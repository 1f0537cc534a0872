namespace Tessera.Cli.Comparison;

/// <summary>How far the values of two forms may be apart.</summary>
/// <param name="Share">The share of the largest magnitude that a node has in the first form; 0 demands that the integers are equal.</param>
internal readonly record struct AllowedBand(double Share)
{
    /// <summary>Two implementations of float, which add in other orders.</summary>
    public const double Float = 1e-4;

    /// <summary>One quantization in two arithmetics: QDQ describes the rounding, and a runtime may round the last bit otherwise, which adds up over the layers.</summary>
    public const double Qdq = 0.05;

    /// <summary>Float against int8, or two trainings: large, so that what leaves it is worth looking at.</summary>
    public const double Quantization = 0.1;

    /// <summary>The integers must be equal.</summary>
    public static AllowedBand Exact => new(0);

    /// <summary>Whether integers are compared.</summary>
    public bool IsExact => Share == 0;

    /// <summary>The distance that is allowed for a node.</summary>
    /// <param name="value">What it is in the first form.</param>
    public double Of(NodeValue value) => IsExact ? 0 : Share * value.Scale * value.Values.Max(MathF.Abs);
}
