namespace Tessera.Imaging.Tests;

public class Yuv444Tests
{
    private static readonly byte[] Corners = [0, 1, 2, 16, 43, 84, 127, 128, 129, 200, 235, 254, 255];

    [Fact]
    public void Full_swing_is_HATs_integer_formula_for_all_corner_values()
    {
        foreach ((byte r, byte g, byte b) in Colours())
        {
            var yuv = new sbyte[3];
            Yuv444.FromRgb([r, g, b], yuv, 1, 1, YuvSwing.Full);

            // Rounded half up in double: the quotients by 256 are exact.
            Assert.Equal(Math.Floor((((77 * r) + (150 * g) + (29 * b)) / 256.0) + 0.5) - 128, yuv[0]);
            Assert.Equal(Math.Floor((((-43 * r) - (84 * g) + (127 * b)) / 256.0) + 0.5), yuv[1]);
            Assert.Equal(Math.Floor((((127 * r) - (106 * g) - (21 * b)) / 256.0) + 0.5), yuv[2]);
        }
    }

    [Fact]
    public void Full_swing_follows_BT601_within_its_coefficients()
    {
        foreach ((byte r, byte g, byte b) in Colours())
        {
            var yuv = new sbyte[3];
            Yuv444.FromRgb([r, g, b], yuv, 1, 1, YuvSwing.Full);

            // Half a step of rounding, and coefficients to 1/512 over a range of 255 on up to three terms: 0.5 + 3·255/512 < 2.
            double y = (0.299 * r) + (0.587 * g) + (0.114 * b);
            Assert.InRange(yuv[0] + 128 - y, -2, 2);
            Assert.InRange(yuv[1] - (0.564 * (b - y)), -2, 2);
            Assert.InRange(yuv[2] - (0.713 * (r - y)), -2, 2);
        }
    }

    [Fact]
    public void Studio_swing_follows_BT601_and_takes_chroma_from_the_top_left_pixel()
    {
        (byte R, byte G, byte B)[] colours = [.. Colours()];
        var random = new Random(4);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] rgb = [.. Enumerable.Range(0, 8).SelectMany(_ => { (byte r, byte g, byte b) = colours[random.Next(colours.Length)]; return new[] { r, g, b }; })];
            var yuv = new sbyte[24];
            Yuv444.FromRgb(rgb, yuv, 2, 4, YuvSwing.StudioSubsampled);
            for (int pixel = 0; pixel < 8; pixel++)
            {
                int chroma = pixel % 4 / 2 * 2; // the first row's pixel of the block's first column
                AssertRounded(yuv[pixel * 3] + 128, rgb.AsSpan(pixel * 3, 3), 0.257, 0.504, 0.098, 16);
                AssertRounded(yuv[(pixel * 3) + 1], rgb.AsSpan(chroma * 3, 3), -0.148, -0.291, 0.439, 0);
                AssertRounded(yuv[(pixel * 3) + 2], rgb.AsSpan(chroma * 3, 3), 0.439, -0.368, -0.071, 0);
            }
        }
    }

    // Half a step of rounding; each published three-digit coefficient is held to 2^-20, on values up to 255.
    private static void AssertRounded(int value, ReadOnlySpan<byte> rgb, double r, double g, double b, double offset) =>
        Assert.InRange(value - ((r * rgb[0]) + (g * rgb[1]) + (b * rgb[2]) + offset), -0.5 - (3 * 255.0 / (1 << 20)), 0.5 + (3 * 255.0 / (1 << 20)));

    [Theory]
    [InlineData(YuvSwing.Full, 0, 0, 0, -128, 0, 0)]
    [InlineData(YuvSwing.Full, 255, 255, 255, 127, 0, 0)]
    [InlineData(YuvSwing.Full, 255, 0, 0, -51, -43, 127)]
    [InlineData(YuvSwing.Full, 0, 255, 0, 21, -84, -106)]
    [InlineData(YuvSwing.Full, 0, 0, 255, -99, 127, -21)]
    [InlineData(YuvSwing.StudioSubsampled, 0, 0, 0, -112, 0, 0)]
    [InlineData(YuvSwing.StudioSubsampled, 255, 255, 255, 107, 0, 0)]
    [InlineData(YuvSwing.StudioSubsampled, 255, 0, 0, -46, -38, 112)]
    public void Known_colours(YuvSwing swing, byte r, byte g, byte b, int y, int u, int v)
    {
        byte[] rgb = [r, g, b, r, g, b, r, g, b, r, g, b];
        var yuv = new sbyte[12];
        Yuv444.FromRgb(rgb, yuv, 2, 2, swing);
        Assert.Equal([y, u, v], yuv[..3].Select(value => (int)value));
        Assert.Equal(yuv[..3], yuv[9..]);
    }

    [Fact]
    public void Wrong_lengths_and_odd_sizes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Yuv444.FromRgb(new byte[11], new sbyte[12], 2, 2, YuvSwing.Full));
        Assert.Throws<ArgumentException>(() => Yuv444.FromRgb(new byte[12], new sbyte[11], 2, 2, YuvSwing.Full));
        Assert.Throws<ArgumentException>(() => Yuv444.FromRgb(new byte[9], new sbyte[9], 1, 3, YuvSwing.StudioSubsampled));
        Assert.Throws<ArgumentException>(() => Yuv444.FromRgb(new byte[18], new sbyte[18], 3, 2, YuvSwing.StudioSubsampled));
        Assert.Throws<ArgumentException>(() => Yuv444.FromRgb(new byte[12], new sbyte[12], 1 << 30, 1 << 30, YuvSwing.Full));
        Assert.Throws<ArgumentOutOfRangeException>(() => Yuv444.FromRgb(new byte[12], new sbyte[12], -2, -2, YuvSwing.Full));
        Assert.Throws<ArgumentOutOfRangeException>(() => Yuv444.FromRgb(new byte[12], new sbyte[12], 2, 2, (YuvSwing)2));
    }

    [Fact]
    public void An_image_cannot_be_converted_into_its_own_memory()
    {
        var memory = new byte[24];
        Assert.Throws<ArgumentException>(() => Yuv444.FromRgb(memory.AsSpan(0, 12), Signed(memory, 0, 12), 2, 2, YuvSwing.Full));
        Assert.Throws<ArgumentException>(() => Yuv444.RowFromRgb(memory.AsSpan(0, 12), RgbOrder.Bgr, Signed(memory, 11, 12)));
        Assert.Throws<ArgumentException>(() => Yuv444.RowFromRgbStudioSubsampled(new byte[6], memory.AsSpan(0, 6), RgbOrder.Rgb, Signed(memory, 5, 6)));
        Assert.Throws<ArgumentException>(() => Yuv444.Interleave(new sbyte[2], Signed(memory, 5, 2), new sbyte[2], Signed(memory, 0, 6)));
        Yuv444.FromRgb(memory.AsSpan(0, 12), Signed(memory, 12, 12), 2, 2, YuvSwing.Full);

        static Span<sbyte> Signed(byte[] memory, int start, int length) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, sbyte>(memory.AsSpan(start, length));
    }

    private static IEnumerable<(byte R, byte G, byte B)> Colours() =>
        from r in Corners from g in Corners from b in Corners select (r, g, b);
}
