namespace Tessera.Core;

/// <summary>The function that ends an operation: none, ReLU, or ReLU with an upper end (ReLU6: 6), in real units.</summary>
/// <param name="IsRelu">Negative values become 0.</param>
/// <param name="High">Larger values become this one; null where there is no upper end.</param>
public readonly record struct Activation(bool IsRelu, float? High = null)
{
    /// <summary>No activation.</summary>
    public static Activation None => default;

    /// <summary>max(x, 0).</summary>
    public static Activation Relu => new(true);

    /// <summary>Whether the numbers describe a function: an upper end is a number above 0, and there is none without the lower.</summary>
    public bool IsValid => High is not { } high || (IsRelu && high > 0 && float.IsFinite(high));
}
