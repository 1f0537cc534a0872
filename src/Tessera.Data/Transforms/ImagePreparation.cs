using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Data;

/// <summary>
/// From an RGB image to the network's input: resize, then YUV444 minus 128. The normalisation (x - 128) / 128 needs no step of its own:
/// the int8 value is the normalised one at scale 1/128.
/// </summary>
public static class ImagePreparation
{
    /// <summary>The network halves its input six times, so both sides are multiples of this.</summary>
    public const int SizeStep = 64;

    /// <summary>Prepares one image for inference.</summary>
    /// <param name="rgb">height·width·3 bytes, interleaved.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="inputHeight">Rows of the network's input, a multiple of 64.</param>
    /// <param name="inputWidth">Columns of the network's input, a multiple of 64.</param>
    /// <param name="swing">The colour conversion.</param>
    /// <returns>inputHeight·inputWidth·3 int8 values, interleaved Y, U, V.</returns>
    /// <exception cref="UsageException">The input size is not divisible by 64.</exception>
    /// <exception cref="ArgumentException">The number of bytes does not match the size.</exception>
    public static sbyte[] Prepare(ReadOnlySpan<byte> rgb, int height, int width, int inputHeight, int inputWidth, YuvSwing swing)
    {
        CheckInputSize(inputHeight, inputWidth);
        var yuv = new sbyte[checked(inputHeight * inputWidth * 3)];
        if (height == inputHeight && width == inputWidth)
        {
            Yuv444.FromRgb(rgb, yuv, height, width, swing);
            return yuv;
        }

        var resized = new byte[yuv.Length];
        SegResize.Image(rgb, height, width, resized, inputHeight, inputWidth);
        Yuv444.FromRgb(resized, yuv, inputHeight, inputWidth, swing);
        return yuv;
    }

    /// <summary>Checks the network's input size.</summary>
    /// <exception cref="UsageException">A side is not a positive multiple of 64; the message names the nearest sizes that are.</exception>
    public static void CheckInputSize(int height, int width)
    {
        if (height < SizeStep || width < SizeStep || height % SizeStep != 0 || width % SizeStep != 0)
        {
            throw new UsageException($"The input size {height}x{width} is not divisible by {SizeStep}; use for example {Fit(height)}x{Fit(width)}.");
        }
    }

    private static int Fit(int size) => Math.Max(SizeStep, (int)Math.Min(((long)size + (SizeStep / 2)) / SizeStep * SizeStep, int.MaxValue / SizeStep * SizeStep));
}
