namespace Tessera.Core.Tests;

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

            Yuv444.FromRgbFull(rgb, plain);
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
            Yuv444.FromRgbFull(rgb, plain);
            Yuv444.FromRgb(rgb, whole.AsSpan(16, rgb.Length), 1, width, YuvSwing.Full);
            Assert.Equal(plain, whole[16..^16]);
            Assert.All(whole[..16].Concat(whole[^16..]), value => Assert.Equal(77, value));
        }
    }
}
