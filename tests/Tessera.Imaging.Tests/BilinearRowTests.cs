namespace Tessera.Imaging.Tests;

public class BilinearRowTests
{
    private readonly Random _random = new(3);

    [Fact]
    public void Levels_are_the_bytes_with_the_last_one_repeated()
    {
        for (int length = 1; length <= 140; length++)
        {
            byte[] row = Bytes(length);
            float[] levels = new float[length + BilinearRow.Padding];
            BilinearRow.ToLevels(row, levels);
            Assert.Equal([.. row.Select(value => (float)value), row[^1]], levels[..(length + 1)]);

            byte[] pairs = Bytes(length * 2);
            float[] first = new float[length + BilinearRow.Padding], second = new float[length + BilinearRow.Padding];
            BilinearRow.ToLevels(pairs, first, second);
            Assert.Equal([.. pairs.Where((_, i) => i % 2 == 0).Select(value => (float)value), pairs[^2]], first[..(length + 1)]);
            Assert.Equal([.. pairs.Where((_, i) => i % 2 == 1).Select(value => (float)value), pairs[^1]], second[..(length + 1)]);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Sampling_pixels_is_the_plain_sum_of_two_rounded_products(int channels)
    {
        foreach ((int source, int target) in Sizes())
        {
            float[] levels = Levels(source * channels);
            AxisTaps taps = AxisTaps.ForResize(source, target);
            float[] sampled = new float[(target * 3) + BilinearRow.Padding];
            BilinearRow.SamplePixels(levels, channels, taps, sampled);
            for (int i = 0; i < target * 3; i++)
            {
                int x = i / 3, c = i % 3;
                float left = levels[(taps.First[x] * channels) + c] * taps.Weight0[x], right = levels[(taps.Second[x] * channels) + c] * taps.Weight1[x];
                Assert.Equal(BitConverter.SingleToInt32Bits(left + right), BitConverter.SingleToInt32Bits(sampled[i]));
            }
        }
    }

    [Fact]
    public void Sampling_a_plane_is_the_plain_sum_of_two_rounded_products()
    {
        foreach ((int source, int target) in Sizes())
        {
            float[] levels = Levels(source);
            foreach (AxisTaps taps in new[] { AxisTaps.ForResize(source, target), AxisTaps.ForResize(source, source - 0.5f, target), AxisTaps.ForResize(source, target).Paired(), AxisTaps.ForCentredScale(source, 1.3, 0.4) })
            {
                // Scaling about the centre has as many outputs as values, and taps that do not lie side by side.
                float[] expected = [.. Enumerable.Range(0, taps.Length).Select(x => { float left = levels[taps.First[x]] * taps.Weight0[x], right = levels[taps.Second[x]] * taps.Weight1[x]; return left + right; })];
                float[] sampled = new float[taps.Length + BilinearRow.Padding];
                BilinearRow.SamplePlane(levels, taps, sampled);
                Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), sampled[..taps.Length].Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    [Fact]
    public void Blending_rounds_half_to_even_in_every_place()
    {
        for (int length = 1; length <= 140; length++)
        {
            byte[] up = Bytes(length), down = Bytes(length), blended = new byte[length];
            float[] upper = [.. up.Select(value => (float)value)], lower = [.. down.Select(value => (float)value)];
            BilinearRow.Blend(upper, lower, 0.5f, 0.5f, blended);
            Assert.Equal(up.Zip(down, (a, b) => (byte)Math.Round((a + b) / 2.0, MidpointRounding.ToEven)), blended);
            BilinearRow.Blend(upper, lower, 1, 0, blended);
            Assert.Equal(up, blended);
        }
    }

    [Fact]
    public void Pairs_repeat_the_even_output()
    {
        AxisTaps taps = AxisTaps.ForResize(7, 5), pairs = taps.Paired();
        Assert.Equal([taps.First[0], taps.First[0], taps.First[2], taps.First[2], taps.First[4]], pairs.First.ToArray());
        Assert.Equal([taps.Weight1[0], taps.Weight1[0], taps.Weight1[2], taps.Weight1[2], taps.Weight1[4]], pairs.Weight1.ToArray());
    }

    [Fact]
    public void Buffers_that_do_not_fit_are_refused()
    {
        AxisTaps taps = AxisTaps.ForResize(4, 8);
        Assert.Throws<ArgumentException>(() => BilinearRow.ToLevels([], new float[8]));
        Assert.Throws<ArgumentException>(() => BilinearRow.ToLevels(new byte[4], new float[7]));
        Assert.Throws<ArgumentException>(() => BilinearRow.ToLevels(new byte[3], new float[8], new float[8]));
        Assert.Throws<ArgumentException>(() => BilinearRow.SamplePlane(new float[8], taps, new float[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BilinearRow.SamplePixels(new float[20], 2, taps, new float[40]));
        Assert.Throws<ArgumentException>(() => BilinearRow.SamplePixels(new float[15], 3, taps, new float[40]));
        Assert.Throws<ArgumentException>(() => BilinearRow.SamplePixels(new float[16], 3, taps, new float[27]));
        Assert.Throws<ArgumentException>(() => BilinearRow.SamplePlane(new float[7], taps, new float[12]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AxisTaps.ForResize(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => AxisTaps.ForResize(4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => AxisTaps.ForResize(4, 0f, 4));
    }

    [Fact]
    public void A_source_of_which_four_values_each_exceed_int32_needs_a_buffer_of_that_size()
    {
        // 4 · 2^30 wraps to 0 in int32: a check in int32 would let reads gigabytes behind the buffer pass.
        AxisTaps taps = AxisTaps.ForResize(1 << 30, 1);
        Assert.Throws<ArgumentException>(() => BilinearRow.SamplePixels(new float[8], 4, taps, new float[8]));
        Assert.Throws<ArgumentException>(() => BilinearRow.SamplePixels(new float[8], 3, taps, new float[8]));
        Assert.Throws<ArgumentException>(() => BilinearRow.SamplePlane(new float[8], taps, new float[8]));
    }

    [Fact]
    public void Nobody_can_change_taps()
    {
        Assert.All(typeof(AxisTaps).GetProperties(), property => Assert.False(property.PropertyType.IsArray || property.CanWrite, property.Name));
        Assert.Empty(typeof(AxisTaps).GetFields());
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(-1, 1, 0)]
    [InlineData(4, 0, 0)]
    [InlineData(4, -1, 0)]
    [InlineData(4, double.NaN, 0)]
    [InlineData(4, double.PositiveInfinity, 0)]
    [InlineData(4, 1, double.NaN)]
    public void A_scaled_axis_has_a_size_a_scale_and_a_shift(int size, double scale, double shift) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => AxisTaps.ForCentredScale(size, scale, shift));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(-1f)]
    public void Outputs_span_a_finite_part_of_the_source(float extent) => Assert.Throws<ArgumentOutOfRangeException>(() => AxisTaps.ForResize(4, extent, 4));

    private static IEnumerable<(int Source, int Target)> Sizes() =>
        from source in new[] { 1, 2, 3, 7, 16, 61, 100 } from target in Enumerable.Range(1, 40).Append(100).Append(101) select (source, target);

    private byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private float[] Levels(int length)
    {
        float[] levels = new float[length + BilinearRow.Padding];
        BilinearRow.ToLevels(Bytes(length), levels);
        return levels;
    }
}
