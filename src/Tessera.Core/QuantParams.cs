using System.Collections.Immutable;

namespace Tessera.Core;

/// <summary>
/// Symmetric int8 quantization of a tensor: <c>real = scale × q</c>, zero point 0, q in [-128, 127].
/// </summary>
public sealed class QuantParams
{
    /// <summary>One scale for the whole tensor.</summary>
    /// <exception cref="ArgumentException">The scale is not a positive, finite number.</exception>
    public QuantParams(float scale)
        : this([scale])
    {
    }

    /// <summary>One scale per output channel; a single one means per tensor.</summary>
    /// <exception cref="ArgumentException">There is no scale, or one is not a positive, finite number.</exception>
    public QuantParams(ImmutableArray<float> scales)
    {
        if (scales.IsDefaultOrEmpty)
        {
            throw new ArgumentException("Quantization needs at least one scale.", nameof(scales));
        }

        foreach (float scale in scales)
        {
            if (!(scale > 0) || !float.IsFinite(scale))
            {
                throw new ArgumentException($"A scale must be positive and finite; received {scale}.", nameof(scales));
            }
        }

        Scales = scales;
    }

    /// <summary>The scales: one, or one per output channel (axis 0 of a convolution weight).</summary>
    public ImmutableArray<float> Scales { get; }

    /// <summary>The scale of a per-tensor quantization.</summary>
    /// <exception cref="InvalidOperationException">There is one scale per channel.</exception>
    public float Scale => Scales.Length == 1 ? Scales[0] : throw new InvalidOperationException("This tensor has one scale per channel.");
}
