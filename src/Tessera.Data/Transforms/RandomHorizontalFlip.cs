using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Mirrors image and label left to right with a probability (torchvision's RandomHorizontalFlip).</summary>
public sealed class RandomHorizontalFlip : IAugmentation
{
    private readonly double _probability;

    /// <summary>Creates the transform.</summary>
    /// <param name="probability">0 to 1; default 0.5.</param>
    /// <param name="perImage">One draw per image (default), or one per batch.</param>
    /// <exception cref="UsageException">The probability is out of range.</exception>
    public RandomHorizontalFlip(double probability = 0.5, bool perImage = true)
    {
        Probability.Check("RandomHorizontalFlip", probability);
        (_probability, PerImage) = (probability, perImage);
    }

    /// <summary>Makes the transform from its keys.</summary>
    public static RandomHorizontalFlip Read(IKeyReader keys) => new(keys.Number("probability", 0.5, 0, 1), keys.Flag("per_image", true));

    /// <inheritdoc/>
    public bool PerImage { get; }

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        source.Rgb.Span.CopyTo(target.Rgb.Span);
        source.Label.Span.CopyTo(target.Label.Span);
        if (random.NextDouble() < _probability)
        {
            Flip(target.Rgb.Span, target.Label.Span, source.Height, source.Width);
        }
    }

    /// <summary>Mirrors in place.</summary>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public static void Flip(Span<byte> rgb, Span<byte> label, int height, int width)
    {
        BufferSize.Check<byte>(rgb, height, width, 3);
        BufferSize.Check<byte>(label, height, width, 1);
        Span<Triple> pixels = MemoryMarshal.Cast<byte, Triple>(rgb);
        for (int y = 0; y < height; y++)
        {
            pixels.Slice(y * width, width).Reverse();
            label.Slice(y * width, width).Reverse();
        }
    }

    private readonly record struct Triple(byte Red, byte Green, byte Blue);
}
