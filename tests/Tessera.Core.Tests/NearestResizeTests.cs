namespace Tessera.Core.Tests;

public class NearestResizeTests
{
    [Fact]
    public void Enlarging_by_four_repeats_every_pixel()
    {
        var target = new byte[8 * 12];
        NearestResize.Apply([1, 2, 3, 4, 5, 6], 2, 3, target, 8, 12);

        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 12; x++)
            {
                Assert.Equal((byte)((y / 4 * 3) + (x / 4) + 1), target[(y * 12) + x]);
            }
        }
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(5, 3)]
    [InlineData(96, 375)]
    [InlineData(320, 1242)]
    [InlineData(7, 7)]
    [InlineData(1, 9)]
    public void The_source_pixel_holds_the_target_pixels_centre(int source, int target)
    {
        for (int i = 0; i < target; i++)
        {
            // In exact rational numbers: s ≤ (2i+1)·source/(2·target) < s+1.
            long s = NearestResize.SourceOf(i, source, target), centre = ((2L * i) + 1) * source;
            Assert.True(s * 2 * target <= centre && centre < (s + 1) * 2 * target);
            Assert.InRange(s, 0, source - 1);
        }
    }

    [Fact]
    public void Going_straight_to_an_images_size_equals_going_over_the_inputs_size()
    {
        var random = new Random(5);
        var map = new byte[16 * 32];
        random.NextBytes(map);
        foreach ((int height, int width) in new[] { (47, 155), (64, 128), (100, 33), (375, 1242) })
        {
            byte[] input = new byte[64 * 128], over = new byte[height * width], straight = new byte[height * width];
            NearestResize.Apply(map, 16, 32, input, 64, 128);
            NearestResize.Apply(input, 64, 128, over, height, width);
            NearestResize.Apply(map, 16, 32, straight, height, width);
            Assert.Equal(over, straight);
        }
    }

    [Fact]
    public void Lengths_must_match_the_sizes()
    {
        Assert.Throws<ArgumentException>(() => NearestResize.Apply(new byte[5], 2, 3, new byte[6], 2, 3));
        Assert.Throws<ArgumentException>(() => NearestResize.Apply(new byte[6], 2, 3, new byte[5], 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestResize.Apply([], 0, 3, new byte[6], 2, 3));
    }
}
