using Tessera.Core;

namespace Tessera.Programs;

/// <summary>The reference upsample : <see cref="BilinearTap"/> says which pixels count, and how much.</summary>
public static class ReferenceUpsample
{
    /// <summary>Makes one image larger.</summary>
    /// <param name="upsample">The instruction, verified by its program.</param>
    /// <param name="shape">Shape of <paramref name="input"/>.</param>
    /// <param name="input">The int8 image, H×W×C.</param>
    /// <param name="output">The int8 result; may not overlap the input.</param>
    public static void Run(UpsampleInstruction upsample, IntegerTensor shape, ReadOnlySpan<sbyte> input, Span<sbyte> output)
    {
        int channels = shape.Channels;
        int at = 0;
        for (int y = 0; y < upsample.RowFactor * shape.Height; y++)
        {
            BilinearTap row = BilinearTap.Of(y, upsample.RowFactor, shape.Height);
            for (int x = 0; x < upsample.ColumnFactor * shape.Width; x++, at += channels)
            {
                BilinearTap column = BilinearTap.Of(x, upsample.ColumnFactor, shape.Width);
                ReadOnlySpan<sbyte> a = Pixel(input, shape, row.Near, column.Near), b = Pixel(input, shape, row.Near, column.Far);
                ReadOnlySpan<sbyte> c = Pixel(input, shape, row.Far, column.Near), d = Pixel(input, shape, row.Far, column.Far);
                Span<sbyte> pixel = output.Slice(at, channels);
                for (int channel = 0; channel < pixel.Length; channel++)
                {
                    pixel[channel] = upsample.Mode == UpsampleMode.Nearest ? a[channel] : Int8Arithmetic.Upsample(a[channel], b[channel], c[channel], d[channel], row, column);
                }
            }
        }
    }

    private static ReadOnlySpan<sbyte> Pixel(ReadOnlySpan<sbyte> image, IntegerTensor shape, int y, int x) =>
        image.Slice(((y * shape.Width) + x) * shape.Channels, shape.Channels);
}
