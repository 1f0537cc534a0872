namespace Tessera.Data;

/// <summary>
/// A random change of an image together with its label, at the network's input size, before the colour conversion.
/// Implementations are called from several threads at once and keep no state between calls.
/// </summary>
public interface IAugmentation
{
    /// <summary>Whether every image has its own draw; otherwise all images of a batch share one, as in HAT.</summary>
    bool PerImage { get; }

    /// <summary>Writes the changed image and label.</summary>
    /// <param name="source">RGB bytes, Height·Width·3, and class indices, Height·Width.</param>
    /// <param name="target">Receives the result; same size, other memory.</param>
    /// <param name="random">The only source of chance: the same stream gives the same result.</param>
    void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random);
}

/// <summary>An image with its label in plain memory.</summary>
/// <param name="Rgb">Height·Width·3 bytes, interleaved.</param>
/// <param name="Label">Height·Width class indices, 255 = ignored.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct AugmentationBuffers(Memory<byte> Rgb, Memory<byte> Label, int Height, int Width);
