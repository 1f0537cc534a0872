namespace Tessera.Core;

/// <summary>How a window moves along one axis of an image: a convolution's or a pooling's.</summary>
/// <param name="Kernel">Taps, at least 1.</param>
/// <param name="Stride">Step from one output to the next, at least 1.</param>
/// <param name="Padding">Zeros before the first and behind the last pixel, from 0.</param>
/// <param name="Dilation">Distance from one tap to the next, at least 1.</param>
public readonly record struct ConvAxis(int Kernel, int Stride = 1, int Padding = 0, int Dilation = 1)
{
    /// <summary>Pixels from the first tap to the last, both counted.</summary>
    public int Reach => ((Kernel - 1) * Dilation) + 1;

    /// <summary>Whether the numbers describe a window at all.</summary>
    public bool IsValid => Kernel >= 1 && Stride >= 1 && Padding >= 0 && Dilation >= 1;

    /// <summary>The pixel of the input that a tap of an output meets; outside of the input where it meets padding.</summary>
    /// <param name="output">The output.</param>
    /// <param name="tap">The tap, 0 to <see cref="Kernel"/> - 1.</param>
    public int SourceOf(int output, int tap) => (output * Stride) + (tap * Dilation) - Padding;

    /// <summary>Outputs along the axis; 0 where the window does not fit.</summary>
    /// <param name="size">Pixels of the input along the axis.</param>
    public int OutputSize(int size)
    {
        long room = size + (2L * Padding) - (((Kernel - 1L) * Dilation) + 1);
        return room < 0 ? 0 : (int)Math.Min(int.MaxValue, (room / Stride) + 1);
    }
}
