namespace Tessera.Imaging.Tests;

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
    public void Every_part_of_a_row_reads_the_defined_columns_and_writes_nothing_else()
    {
        var random = new Random(6);
        foreach (int width in new[] { 1, 2, 3, 16, 17, 40, 64, 130 })
        {
            var row = new byte[width];
            random.NextBytes(row);
            foreach (int targetWidth in new[] { 1, 2, 5, 63, width - 1, width, width + 1, width * 2, (width * 2) + 1, width * 3, width * 4, (width * 4) - 1, width * 7 }.Where(size => size > 0))
            {
                foreach ((int start, int end) in new[] { (0, targetWidth), (0, targetWidth / 2), (targetWidth / 2, targetWidth), (targetWidth / 4 * 4 / 2, targetWidth), (1, targetWidth - 1) })
                {
                    int count = Math.Max(0, end - start);
                    byte[] target = new byte[count + 64], expected = new byte[count + 64];
                    NearestResize.Row(row, targetWidth, start, target.AsSpan(32, count));
                    for (int i = 0; i < count; i++)
                    {
                        expected[32 + i] = row[NearestResize.SourceOf(start + i, width, targetWidth)];
                    }

                    Assert.Equal(expected, target);
                }
            }
        }
    }

    [Fact]
    public void Parts_beyond_the_row_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NearestResize.Row([], 4, 0, new byte[4]));
        Assert.Throws<ArgumentException>(() => NearestResize.Row([1], 4, -1, new byte[4]));
        Assert.Throws<ArgumentException>(() => NearestResize.Row([1], 4, 1, new byte[4]));
        Assert.Throws<ArgumentException>(() => NearestResize.Row([1], 0, 0, []));
        Assert.Throws<ArgumentException>(() => NearestResize.Row([1], -1, 0, []));
    }

    [Fact]
    public void Lengths_must_match_the_sizes()
    {
        Assert.Throws<ArgumentException>(() => NearestResize.Apply(new byte[5], 2, 3, new byte[6], 2, 3));
        Assert.Throws<ArgumentException>(() => NearestResize.Apply(new byte[6], 2, 3, new byte[5], 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestResize.Apply([], 0, 3, new byte[6], 2, 3));
    }

    [Fact]
    public void A_map_cannot_be_enlarged_into_its_own_memory()
    {
        byte[] memory = [.. Enumerable.Range(0, 64).Select(i => (byte)i)], before = [.. memory];
        Assert.Throws<ArgumentException>(() => NearestResize.Apply(memory.AsSpan(0, 16), 4, 4, memory, 8, 8));
        Assert.Throws<ArgumentException>(() => NearestResize.Apply(memory.AsSpan(60, 4), 2, 2, memory.AsSpan(0, 61), 1, 61));
        Assert.Equal(before, memory);
        NearestResize.Apply(memory.AsSpan(60, 4), 2, 2, memory.AsSpan(0, 60), 1, 60);
    }
}
