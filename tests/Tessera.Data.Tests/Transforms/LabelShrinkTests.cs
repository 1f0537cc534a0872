namespace Tessera.Data.Tests.Transforms;

public class LabelShrinkTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void A_coarse_label_equals_the_one_hot_definition(int stride)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            LabelImage label = Make.TrainIds(128, 192, seed);
            var coarse = new byte[128 / stride * (192 / stride)];
            LabelShrink.Apply(label.Values, 128, 192, stride, coarse);
            Assert.Equal(OneHot.Shrink(label.Values, 128, 192, stride), coarse);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void An_odd_stride_takes_the_pixel_in_the_centre(int stride)
    {
        LabelImage label = Make.TrainIds(30, 45, 1);
        var coarse = new byte[30 / stride * (45 / stride)];
        LabelShrink.Apply(label.Values, 30, 45, stride, coarse);
        Assert.Equal(Enumerable.Range(0, coarse.Length).Select(i => label.Values[(((i / (45 / stride) * stride) + (stride / 2)) * 45) + (i % (45 / stride) * stride) + (stride / 2)]), coarse);
    }

    [Fact]
    public void A_size_that_the_stride_does_not_divide_is_refused() =>
        Assert.Throws<ArgumentException>(() => LabelShrink.Apply(new byte[36], 6, 6, 4, new byte[1]));
}
