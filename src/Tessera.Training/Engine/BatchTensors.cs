using Tessera.Core;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Turns batches of bytes into tensors.</summary>
public static class BatchTensors
{
    private static readonly KeptScalar ImageScale = new(Int8Arithmetic.ImageScale);

    /// <summary>Makes the network's input: float32 N×3×H×W, int8 / 128, about [-1, 1).</summary>
    /// <param name="images">Interleaved int8 YUV444 images, N×H×W×3.</param>
    /// <param name="count">N.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <returns>A tensor that the caller disposes.</returns>
    /// <exception cref="ArgumentException">The number of values does not match.</exception>
    public static Tensor Images(sbyte[] images, int count, int height, int width)
    {
        if (images.LongLength != (long)count * height * width * 3)
        {
            throw new ArgumentException($"{count} images of {height}x{width} have {(long)count * height * width * 3} values; received {images.LongLength}.", nameof(images));
        }

        using Tensor bytes = tensor(images, [count, height, width, 3]);
        using Tensor planes = bytes.permute(0, 3, 1, 2);
        using Tensor contiguous = planes.contiguous();
        return contiguous.to_type(ScalarType.Float32).TimesInPlace(ImageScale);
    }

    /// <summary>Makes the labels: int64 N×h×w, <see cref="ClassTable.Ignore"/> where a pixel is ignored.</summary>
    /// <param name="labels">Class ids, N×h×w.</param>
    /// <param name="count">N.</param>
    /// <param name="height">h.</param>
    /// <param name="width">w.</param>
    /// <returns>A tensor that the caller disposes.</returns>
    /// <exception cref="ArgumentException">The number of values does not match.</exception>
    public static Tensor Labels(byte[] labels, int count, int height, int width)
    {
        if (labels.LongLength != (long)count * height * width)
        {
            throw new ArgumentException($"{count} label maps of {height}x{width} have {(long)count * height * width} values; received {labels.LongLength}.", nameof(labels));
        }

        using Tensor bytes = tensor(labels, [count, height, width]);
        return bytes.to_type(ScalarType.Int64);
    }
}
