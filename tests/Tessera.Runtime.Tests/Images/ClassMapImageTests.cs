using Tessera.Runtime.Tests.Memory;

namespace Tessera.Runtime.Tests.Images;

public class ClassMapImageTests
{
    [Fact]
    public void Upscaling_repeats_every_pixel_in_both_directions()
    {
        byte[] target = new byte[24];
        ClassMapImage.Upscale([1, 2, 3, 4, 5, 255], 2, 3, 2, target);
        Assert.Equal([1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 255, 255, 4, 4, 5, 5, 255, 255], target);
        ClassMapImage.Upscale([7, 8], 1, 2, 1, target.AsSpan(0, 2));
        Assert.Equal([7, 8, 2], target[..3]);
        ClassMapImage.Upscale([9], 1, 1, 4, target.AsSpan(0, 16));
        Assert.Equal(Enumerable.Repeat((byte)9, 16).Append((byte)255), target[..17]);
    }

    [GuardPagesTheory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Enlarging_equals_the_definition_at_every_width_and_touches_nothing_else(int factor)
    {
        const int Height = 3;
        for (int width = 1; width <= 70; width++)
        {
            byte[] map = new byte[Height * width];
            new Random(width).NextBytes(map);
            using GuardedMemory source = GuardedMemory.EndingAtGuard(map), target = GuardedMemory.EndingAtGuard(map.Length * factor * factor);
            ClassMapImage.Upscale(source.Span, Height, width, factor, target.Span);
            target.AssertNothingElseWritten();
            for (int i = 0; i < target.Length; i++)
            {
                Assert.Equal(map[(i / (width * factor) / factor * width) + (i % (width * factor) / factor)], target.Span[i]);
            }

            byte[] smaller = new byte[width];
            ClassMapImage.Resize(source.Span, Height, width, smaller, 1, width);
            Assert.Equal(map[width..(2 * width)], smaller);
        }
    }

    [Theory]
    [InlineData(2, 6, new byte[] { 0, 0, 0, 1, 1, 1 })]
    [InlineData(3, 5, new byte[] { 0, 0, 1, 2, 2 })] // centres 0.3, 0.9, 1.5, 2.1, 2.7
    [InlineData(5, 3, new byte[] { 0, 2, 4 })] // centres 0.83, 2.5, 4.17
    [InlineData(4, 2, new byte[] { 1, 3 })] // a centre between two pixels goes to the right one
    [InlineData(7, 7, new byte[] { 0, 1, 2, 3, 4, 5, 6 })]
    public void Resizing_reads_the_pixel_under_the_centre(int size, int newSize, byte[] expected)
    {
        byte[] line = [.. Enumerable.Range(0, size).Select(i => (byte)i)];
        Assert.Equal(expected, ClassMapImage.Resize(line, 1, size, 1, newSize));
        Assert.Equal(expected, ClassMapImage.Resize(line, size, 1, newSize, 1));
    }

    [Fact]
    public void Resizing_equals_the_rational_definition_for_all_small_sizes()
    {
        for (int size = 1; size <= 40; size++)
        {
            byte[] line = [.. Enumerable.Range(0, size).Select(i => (byte)i)];
            for (int newSize = 1; newSize <= 40; newSize++)
            {
                // Decimal carries 28 digits; the nearest quotient to a whole number is 1/80 away from it or exact.
                byte[] expected = [.. Enumerable.Range(0, newSize).Select(i => (byte)decimal.Floor(((i + 0.5m) * size / newSize) + 0.0000001m))];
                Assert.Equal(expected, ClassMapImage.Resize(line, 1, size, 1, newSize));
            }
        }
    }

    [Fact]
    public void Rows_and_columns_are_not_confused()
    {
        Assert.Equal([0, 0, 1, 2, 2, 3, 3, 4, 5, 5], ClassMapImage.Resize([0, 1, 2, 3, 4, 5], 2, 3, 2, 5));
    }

    [Fact]
    public void Impossible_sizes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ClassMapImage.Resize([1, 2, 3], 2, 2, 4, 4));
        Assert.ThrowsAny<ArgumentException>(() => ClassMapImage.Resize([1], 1, 1, 0, 4));
        Assert.ThrowsAny<ArgumentException>(() => ClassMapImage.Upscale([1], 1, 1, 0, []));
        Assert.Throws<ArgumentException>(() => ClassMapImage.Upscale([1], 1, 1, 2, new byte[5]));
        Assert.Throws<ArgumentException>(() => ClassMapImage.Resize([1], 1, 1, new byte[5], 2, 3));
    }
}
