namespace Tessera.Imaging.Tests;

public class Yuv444VectorTests
{
    [Fact]
    public void Every_one_of_the_16_million_colours_converts_as_in_the_plain_form()
    {
        byte[] rgb = new byte[65536 * 3];
        sbyte[] plain = new sbyte[rgb.Length], vector = new sbyte[rgb.Length];
        for (int red = 0; red < 256; red++)
        {
            for (int i = 0; i < 65536; i++)
            {
                (rgb[i * 3], rgb[(i * 3) + 1], rgb[(i * 3) + 2]) = ((byte)red, (byte)(i >> 8), (byte)i);
            }

            Yuv444.FromRgbFull<RgbPixels>(rgb, plain);
            Yuv444.FromRgb(rgb, vector, 256, 256, YuvSwing.Full);
            Assert.True(plain.AsSpan().SequenceEqual(vector), $"red {red}");
        }
    }

    [Fact]
    public void Every_width_gives_the_plain_values_and_nothing_beyond_them()
    {
        var random = new Random(1);
        for (int width = 1; width <= 100; width++)
        {
            byte[] rgb = new byte[width * 3];
            random.NextBytes(rgb);
            sbyte[] plain = new sbyte[rgb.Length], whole = new sbyte[rgb.Length + 32];
            Array.Fill(whole, (sbyte)77);
            Yuv444.FromRgbFull<RgbPixels>(rgb, plain);
            Yuv444.FromRgb(rgb, whole.AsSpan(16, rgb.Length), 1, width, YuvSwing.Full);
            Assert.Equal(plain, whole[16..^16]);
            Assert.All(whole[..16].Concat(whole[^16..]), value => Assert.Equal(77, value));
        }
    }

    [Theory]
    [InlineData(RgbOrder.Bgr, 3)]
    [InlineData(RgbOrder.Bgra, 4)]
    public void Other_orders_give_the_values_of_the_same_colours(RgbOrder order, int channels)
    {
        var random = new Random(2);
        for (int width = 2; width <= 100; width++)
        {
            byte[] rgb = new byte[width * 3], even = new byte[width * 3];
            random.NextBytes(rgb);
            random.NextBytes(even);
            byte[] pixels = Ordered(rgb), chroma = Ordered(even);
            sbyte[] expected = new sbyte[width * 3], actual = new sbyte[width * 3];
            Yuv444.FromRgbFull<RgbPixels>(rgb, expected);
            Yuv444.RowFromRgb(pixels, order, actual);
            Assert.Equal(expected, actual);
            if (width % 2 == 0)
            {
                Yuv444.RowFromRgbStudioSubsampled(rgb, even, RgbOrder.Rgb, expected);
                Yuv444.RowFromRgbStudioSubsampled(pixels, chroma, order, actual);
                Assert.Equal(expected, actual);
            }

            byte[] Ordered(byte[] colours)
            {
                byte[] result = new byte[width * channels];
                random.NextBytes(result); // the fourth byte is not read
                for (int x = 0; x < width; x++)
                {
                    (result[x * channels], result[(x * channels) + 1], result[(x * channels) + 2]) = (colours[(x * 3) + 2], colours[(x * 3) + 1], colours[x * 3]);
                }

                return result;
            }
        }
    }

    [Fact]
    public void Three_rows_interleave_at_every_width()
    {
        for (int width = 0; width <= 70; width++)
        {
            sbyte[] y = [.. Enumerable.Range(0, width).Select(i => (sbyte)i)], u = [.. y.Select(value => (sbyte)(value + 70))], v = [.. y.Select(value => (sbyte)~value)];
            sbyte[] yuv = new sbyte[width * 3];
            Yuv444.Interleave(y, u, v, yuv);
            Assert.Equal(Enumerable.Range(0, width).SelectMany(i => new[] { y[i], u[i], v[i] }), yuv);
        }

        Assert.Throws<ArgumentException>(() => Yuv444.Interleave(new sbyte[2], new sbyte[2], new sbyte[3], new sbyte[6]));
        Assert.Throws<ArgumentException>(() => Yuv444.Interleave(new sbyte[2], new sbyte[2], new sbyte[2], new sbyte[7]));
    }

    [Fact]
    public void Rows_that_do_not_fit_each_other_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Yuv444.RowFromRgb(new byte[6], RgbOrder.Bgra, new sbyte[6]));
        Assert.Throws<ArgumentException>(() => Yuv444.RowFromRgb(new byte[4], RgbOrder.Bgra, new sbyte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Yuv444.RowFromRgb(new byte[3], (RgbOrder)7, new sbyte[3]));
        Assert.Throws<ArgumentException>(() => Yuv444.RowFromRgbStudioSubsampled(new byte[9], new byte[9], RgbOrder.Rgb, new sbyte[9]));
        Assert.Throws<ArgumentException>(() => Yuv444.RowFromRgbStudioSubsampled(new byte[6], new byte[12], RgbOrder.Rgb, new sbyte[6]));
    }
}
