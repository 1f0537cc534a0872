using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Data;

/// <summary>
/// From an RGB image to the network's input: resize, then YUV444 minus 128. The normalisation (x - 128) / 128 needs no step of its own:
/// the int8 value is the normalised one at scale 1/128.
/// </summary>
public static class ImagePreparation
{
    /// <summary>Prepares one image for inference.</summary>
    /// <param name="rgb">height·width·3 bytes, interleaved.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="inputHeight">Rows of the network's input, at least 1.</param>
    /// <param name="inputWidth">Columns of the network's input, at least 1.</param>
    /// <param name="swing">The colour conversion.</param>
    /// <returns>inputHeight·inputWidth·3 int8 values, interleaved Y, U, V.</returns>
    /// <exception cref="UsageException">A side of the input size is not positive, or odd where the colour conversion needs pairs.</exception>
    /// <exception cref="ArgumentException">The number of bytes does not match the size.</exception>
    public static sbyte[] Prepare(ReadOnlySpan<byte> rgb, int height, int width, int inputHeight, int inputWidth, YuvSwing swing)
    {
        CheckInputSize(inputHeight, inputWidth, swing);
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

    /// <summary>Checks the size that images are prepared for.</summary>
    /// <exception cref="UsageException">A side is not positive, or odd where the colour conversion needs pairs of pixels.</exception>
    public static void CheckInputSize(int height, int width, YuvSwing swing = YuvSwing.Full)
    {
        if (height < 1 || width < 1)
        {
            throw new UsageException($"The input size is {height}x{width}; both sides must be at least 1.");
        }

        if (swing == YuvSwing.StudioSubsampled && (height % 2 != 0 || width % 2 != 0))
        {
            throw new UsageException($"The input size is {height}x{width}; swing studio_subsampled halves the colours of an image, and so both sides must be even.");
        }
    }
}
