using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Data;

/// <summary>
/// HAT's SegResize: image and label to a fixed size, bilinear with half-pixel centres and without antialiasing.
/// </summary>
/// <remarks>
/// The image is rounded to bytes half to even, as torchvision does. The label has the meaning of a resized one-hot tensor rounded to
/// integers: a pixel gets the class whose bilinear weights sum to more than 1/2, else it is ignored. Where the size already fits,
/// both are copied.
/// </remarks>
public static class SegResize
{
    /// <summary>Resizes interleaved RGB bytes.</summary>
    /// <param name="source">height·width·3 bytes.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="target">Receives targetHeight·targetWidth·3 bytes.</param>
    /// <param name="targetHeight">Rows of the result.</param>
    /// <param name="targetWidth">Columns of the result.</param>
    /// <exception cref="ArgumentException">A length does not match its size.</exception>
    public static void Image(ReadOnlySpan<byte> source, int height, int width, Span<byte> target, int targetHeight, int targetWidth)
    {
        BufferSize.Check(source, height, width, 3);
        BufferSize.Check(target, targetHeight, targetWidth, 3);
        if (height == targetHeight && width == targetWidth)
        {
            source.CopyTo(target);
            return;
        }

        BilinearImage.Sample(source, width, target, AxisTaps.ForResize(height, targetHeight), AxisTaps.ForResize(width, targetWidth));
    }

    /// <summary>Resizes class indices, 255 = ignored.</summary>
    /// <param name="source">height·width bytes.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="target">Receives targetHeight·targetWidth bytes.</param>
    /// <param name="targetHeight">Rows of the result.</param>
    /// <param name="targetWidth">Columns of the result.</param>
    /// <exception cref="ArgumentException">A length does not match its size.</exception>
    public static void Label(ReadOnlySpan<byte> source, int height, int width, Span<byte> target, int targetHeight, int targetWidth)
    {
        BufferSize.Check(source, height, width, 1);
        BufferSize.Check(target, targetHeight, targetWidth, 1);
        if (height == targetHeight && width == targetWidth)
        {
            source.CopyTo(target);
            return;
        }

        AxisTaps rows = AxisTaps.ForResize(height, targetHeight), columns = AxisTaps.ForResize(width, targetWidth);
        for (int y = 0; y < targetHeight; y++)
        {
            ReadOnlySpan<byte> upper = source.Slice(rows.First[y] * width, width), lower = source.Slice(rows.Second[y] * width, width);
            Span<byte> row = target.Slice(y * targetWidth, targetWidth);
            for (int x = 0; x < row.Length; x++)
            {
                int first = columns.First[x], second = columns.Second[x];
                byte a = upper[first], b = upper[second], c = lower[first], d = lower[second];
                row[x] = a == b && a == c && a == d
                    ? a
                    : Majority(a, b, c, d, columns.Weight0[x], columns.Weight1[x], rows.Weight0[y], rows.Weight1[y]);
            }
        }
    }

    private static byte Majority(byte a, byte b, byte c, byte d, float left, float right, float up, float down)
    {
        // At most one class can pass 1/2. The sum is the one that the one-hot tensor would get, in the same order of operations.
        foreach (byte candidate in (ReadOnlySpan<byte>)[a, b, c, d])
        {
            float upper = (a == candidate ? left : 0) + (b == candidate ? right : 0);
            float lower = (c == candidate ? left : 0) + (d == candidate ? right : 0);
            if ((up * upper) + (down * lower) > 0.5f)
            {
                return candidate;
            }
        }

        return ClassTable.Ignore;
    }
}
