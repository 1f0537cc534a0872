namespace Tessera.Training.Tests.Metrics;

public class BoundaryCountsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_pixel_is_near_where_its_square_holds_anything_else(int distance)
    {
        const int height = 23, width = 31;
        byte[] map = Blobs(1, height, width);
        bool[] near = BoundaryCounts.NearBorder(map, height, width, distance);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bool other = false;
                for (int dy = -distance; dy <= distance; dy++)
                {
                    for (int dx = -distance; dx <= distance; dx++)
                    {
                        (int ny, int nx) = (y + dy, x + dx);
                        other |= ny < 0 || nx < 0 || ny >= height || nx >= width || map[(ny * width) + nx] != map[(y * width) + x];
                    }
                }

                Assert.Equal(other, near[(y * width) + x]);
            }
        }
    }

    [Fact]
    public void The_measure_is_the_papers_for_each_class_as_a_mask()
    {
        const int height = 23, width = 31, distance = 1; // 2 % of the diagonal of 38.6, rounded
        byte[] truth = Blobs(1, height, width), predicted = Blobs(2, height, width);
        for (int i = 0; i < 40; i++)
        {
            truth[i * 3] = 255;
        }

        var counts = new BoundaryCounts(3);
        counts.Add(predicted, truth, height, width);
        counts.Add(truth, truth, height, width);
        for (byte c = 0; c < 3; c++)
        {
            bool[] t = Band([.. truth.Select(value => value == c)]), p = Band([.. predicted.Select((value, i) => truth[i] != 255 && value == c)]);
            int both = t.Zip(p).Count(pair => pair.First && pair.Second), either = t.Zip(p).Count(pair => pair.First || pair.Second), own = t.Count(value => value);
            Assert.Equal((double)(both + own) / (either + own), counts.ToClasses(["a", "b", "c"])[c].IoU, 1e-12);
        }

        // A mask without what remains when each step takes off the pixels that touch the outside: erosion, step by step.
        bool[] Band(bool[] mask)
        {
            bool[] left = mask;
            for (int step = 0; step < distance; step++)
            {
                bool[] before = left;
                left = [.. Enumerable.Range(0, mask.Length).Select(i => Enumerable.Range(-1, 3).All(dy => Enumerable.Range(-1, 3).All(dx =>
                    (i / width) + dy is >= 0 and < height && (i % width) + dx is >= 0 and < width && before[i + (dy * width) + dx])))];
            }

            return [.. mask.Zip(left, (inside, kept) => inside && !kept)];
        }
    }

    [Fact]
    public void A_shift_costs_the_outline_more_than_the_area()
    {
        byte[] truth = new byte[100 * 100], shifted = new byte[100 * 100];
        for (int y = 20; y < 80; y++)
        {
            truth.AsSpan((y * 100) + 20, 60).Fill(1);
            shifted.AsSpan((y * 100) + 23, 60).Fill(1);
        }

        var matrix = new ConfusionMatrix(2);
        matrix.Add(shifted, truth);
        var counts = new BoundaryCounts(2);
        counts.Add(shifted, truth, 100, 100);
        Assert.True(counts.ToClasses(["a", "b"])[1].IoU < matrix.ToTable(["a", "b"]).Classes[1].IoU - 0.3);
        Assert.Throws<ArgumentException>(() => counts.Add(shifted, truth, 100, 99));
    }

    private static byte[] Blobs(int seed, int height, int width)
    {
        var random = new Random(seed);
        byte[] map = new byte[height * width];
        for (int blob = 0; blob < 12; blob++)
        {
            int top = random.Next(height), left = random.Next(width), bottom = Math.Min(height, top + random.Next(4, 14)), right = Math.Min(width, left + random.Next(4, 18));
            byte value = (byte)random.Next(3);
            for (int y = top; y < bottom; y++)
            {
                map.AsSpan((y * width) + left, right - left).Fill(value);
            }
        }

        return map;
    }
}
