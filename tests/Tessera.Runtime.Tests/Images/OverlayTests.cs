using Tessera.Core;
using Tessera.Runtime.Tests.Memory;

namespace Tessera.Runtime.Tests.Images;

public class OverlayTests
{
    [Fact]
    public void Classes_bear_their_colours_and_everything_else_is_black()
    {
        byte[] painted = Overlay.Colorize([0, 13, 18, 19, 255], ClassTable.Cityscapes);
        Assert.Equal([128, 64, 128, 0, 0, 142, 119, 11, 32, 0, 0, 0, 0, 0, 0], painted);
    }

    [Fact]
    public void Blending_mixes_colour_and_picture_and_leaves_ignored_pixels_alone()
    {
        byte[] picture = [10, 20, 30, 200, 100, 255, 1, 2, 3];
        byte[] map = [0, 13, 255];
        Assert.Equal(picture, Overlay.Blend(picture, map, ClassTable.Cityscapes, 0));
        Assert.Equal([128, 64, 128, 0, 0, 142, 1, 2, 3], Overlay.Blend(picture, map, ClassTable.Cityscapes, 1));
        Assert.Equal([69, 42, 79, 100, 50, 199, 1, 2, 3], Overlay.Blend(picture, map, ClassTable.Cityscapes, 0.5)); // 198.5 up to 199
    }

    [Fact]
    public void Unequal_sizes_and_impossible_shares_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Overlay.Blend(new byte[3], [0, 0], ClassTable.Cityscapes, 0.5));
        Assert.ThrowsAny<ArgumentException>(() => Overlay.Blend(new byte[3], [0], ClassTable.Cityscapes, 1.5));
        Assert.ThrowsAny<ArgumentException>(() => Overlay.Blend(new byte[3], [0], ClassTable.Cityscapes, double.NaN));
    }

    [GuardPagesTheory]
    [InlineData(PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Bgra32)]
    public void A_small_class_map_is_blended_as_its_enlarged_form_would_be(PixelFormat format)
    {
        int channels = format == PixelFormat.Bgra32 ? 4 : 3, seed = 0;
        foreach ((int mapHeight, int mapWidth) in new[] { (1, 1), (3, 7), (5, 80) })
        {
            foreach ((int height, int width) in new[] { (1, 1), (12, 28), (11, 29), (2, 3), (20, 320), (9, 300), (4, 257) })
            {
                foreach (double alpha in new[] { 0, 0.3, 0.5, 1 })
                {
                    var random = new Random(++seed);
                    int stride = (width * channels) + (seed % 3 * 5);
                    byte[] map = new byte[mapHeight * mapWidth], picture = new byte[((height - 1) * stride) + (width * channels)];
                    random.NextBytes(picture);
                    for (int i = 0; i < map.Length; i++)
                    {
                        map[i] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)random.Next(19);
                    }

                    byte[] expected = Defined(map, mapHeight, mapWidth, alpha, format, picture, width, height, stride);
                    using GuardedMemory memory = GuardedMemory.EndingAtGuard(picture), source = GuardedMemory.EndingAtGuard(map);
                    Overlay.Blend(source.Span, mapHeight, mapWidth, new Palette(ClassTable.Cityscapes, alpha, format), memory.Span, width, height, stride);
                    Assert.Equal(expected, memory.Span.ToArray());
                    memory.AssertNothingElseWritten();
                }
            }
        }
    }

    [Fact]
    public void Blending_into_the_callers_picture_allocates_nothing()
    {
        byte[] map = new byte[12], picture = new byte[16 * 12 * 3];
        var palette = new Palette(ClassTable.Cityscapes, 0.5, PixelFormat.Rgb24);
        Overlay.Blend(map, 3, 4, palette, picture, 16, 12);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Overlay.Blend(map, 3, 4, palette, picture, 16, 12);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Pictures_and_maps_that_do_not_fit_are_refused()
    {
        var palette = new Palette(ClassTable.Cityscapes, 0.5, PixelFormat.Bgra32);
        Overlay.Blend([0], 1, 1, palette, new byte[28], 2, 2, 20);
        Assert.Throws<ArgumentException>(() => Overlay.Blend([0], 1, 1, palette, new byte[27], 2, 2, 20));
        Assert.Throws<ArgumentException>(() => Overlay.Blend([0], 1, 1, palette, new byte[28], 2, 2, 7));
        Assert.Throws<ArgumentException>(() => Overlay.Blend([0], 1, 1, palette, new byte[28], 2, 2, -8));
        Assert.Throws<ArgumentException>(() => Overlay.Blend([0, 1], 1, 1, palette, new byte[16], 2, 2));
        Assert.ThrowsAny<ArgumentException>(() => Overlay.Blend([0], 1, 1, palette, new byte[16], 0, 2));
        Assert.ThrowsAny<ArgumentException>(() => Overlay.Blend([], 0, 1, palette, new byte[16], 2, 2));
        Assert.ThrowsAny<ArgumentException>(() => new Palette(ClassTable.Cityscapes, 0.5, PixelFormat.Nv12));
        Assert.ThrowsAny<ArgumentException>(() => new Palette(ClassTable.Cityscapes, -0.1, PixelFormat.Rgb24));
    }

    // Enlarge the map, then mix pixel by pixel.
    private static byte[] Defined(byte[] map, int mapHeight, int mapWidth, double alpha, PixelFormat format, byte[] picture, int width, int height, int stride)
    {
        byte[] result = [.. picture], ids = ClassMapImage.Resize(map, mapHeight, mapWidth, height, width);
        int share = (int)Math.Round(alpha * 256), channels = format == PixelFormat.Bgra32 ? 4 : 3;
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] < ClassTable.Cityscapes.Count)
            {
                ClassEntry colour = ClassTable.Cityscapes.Classes[ids[i]];
                byte[] order = format == PixelFormat.Rgb24 ? [colour.Red, colour.Green, colour.Blue] : [colour.Blue, colour.Green, colour.Red];
                for (int c = 0; c < 3; c++)
                {
                    int at = (i / width * stride) + (i % width * channels) + c;
                    result[at] = (byte)(((picture[at] * (256 - share)) + (order[c] * share) + 128) >> 8);
                }
            }
        }

        return result;
    }
}
