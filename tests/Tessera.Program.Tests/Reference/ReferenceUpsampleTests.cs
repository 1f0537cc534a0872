namespace Tessera.Programs.Tests;

public class ReferenceUpsampleTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 5, 3)]
    [InlineData(4, 1, 2)]
    [InlineData(2, 2, 1)]
    [InlineData(3, 7, 5)]
    [InlineData(8, 9, 16)]
    public void It_computes_bilinear_interpolation_at_half_pixel_centres(int height, int width, int channels)
    {
        var shape = new IntegerTensor("x", height, width, channels, 0.1f);
        var random = new Random(height + width + channels);
        sbyte[] image = [.. Enumerable.Range(0, shape.Count).Select(_ => (sbyte)(random.Next(3) == 0 ? -128 : random.Next(-128, 128)))];
        var result = new sbyte[4 * shape.Count];
        ReferenceUpsample.Run(UpsampleInstruction.Bilinear("y", 0, 1), shape, image, result);
        Assert.Equal(Definition(shape, image), result);
    }

    // Positions in quarters of a source pixel: output i lies at (i + 0.5) / 2 - 0.5, that is (2i - 1) quarters, clamped to the image.
    private static sbyte[] Definition(IntegerTensor shape, sbyte[] image)
    {
        var result = new sbyte[4 * shape.Count];
        for (int i = 0; i < result.Length; i++)
        {
            int channel = i % shape.Channels, x = i / shape.Channels % (2 * shape.Width), y = i / shape.Channels / (2 * shape.Width);
            (int top, int bottom, int down) = Interpolation(y, shape.Height);
            (int left, int right, int across) = Interpolation(x, shape.Width);
            decimal sum = ((4 - down) * (((4 - across) * At(top, left)) + (across * At(top, right)))) + (down * (((4 - across) * At(bottom, left)) + (across * At(bottom, right))));
            result[i] = (sbyte)Math.Round(sum / 16, MidpointRounding.ToEven);

            decimal At(int row, int column) => image[(((row * shape.Width) + column) * shape.Channels) + channel];
        }

        return result;
    }

    private static (int First, int Second, int Quarters) Interpolation(int position, int size)
    {
        int quarters = Math.Clamp((2 * position) - 1, 0, 4 * (size - 1));
        return (quarters / 4, Math.Min((quarters / 4) + 1, size - 1), quarters % 4);
    }
}
