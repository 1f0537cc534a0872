using Tessera.Core;

namespace Tessera.Programs;

/// <summary>The reference upsample: bilinear ×2, half-pixel centres, edges clamped (<see cref="Int8Arithmetic.Upsample"/>).</summary>
public static class ReferenceUpsample
{
    /// <summary>Doubles height and width of one image.</summary>
    /// <param name="shape">Shape of <paramref name="input"/>.</param>
    /// <param name="input">The int8 image, H×W×C.</param>
    /// <param name="output">The int8 result, 2H×2W×C; may not overlap the input.</param>
    public static void Run(IntegerTensor shape, ReadOnlySpan<sbyte> input, Span<sbyte> output)
    {
        int channels = shape.Channels;
        int at = 0;
        for (int y = 0; y < 2 * shape.Height; y++)
        {
            int near = y >> 1, far = Neighbour(y, shape.Height);
            for (int x = 0; x < 2 * shape.Width; x++, at += channels)
            {
                int nearColumn = x >> 1, farColumn = Neighbour(x, shape.Width);
                ReadOnlySpan<sbyte> a = Pixel(input, shape, near, nearColumn), b = Pixel(input, shape, near, farColumn);
                ReadOnlySpan<sbyte> c = Pixel(input, shape, far, nearColumn), d = Pixel(input, shape, far, farColumn);
                Span<sbyte> pixel = output.Slice(at, channels);
                for (int channel = 0; channel < pixel.Length; channel++)
                {
                    pixel[channel] = Int8Arithmetic.Upsample(a[channel], b[channel], c[channel], d[channel]);
                }
            }
        }
    }

    /// <summary>The other source row or column that an output position lies between: an even one lies before the centre of its source pixel, an odd one behind it.</summary>
    /// <param name="position">Row or column of the output.</param>
    /// <param name="size">Rows or columns of the source; beyond its edges the edge repeats.</param>
    public static int Neighbour(int position, int size) =>
        Math.Clamp((position & 1) == 0 ? (position >> 1) - 1 : (position >> 1) + 1, 0, size - 1);

    private static ReadOnlySpan<sbyte> Pixel(ReadOnlySpan<sbyte> image, IntegerTensor shape, int y, int x) =>
        image.Slice(((y * shape.Width) + x) * shape.Channels, shape.Channels);
}
