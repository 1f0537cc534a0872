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

    [Fact]
    public void A_size_that_the_stride_does_not_divide_is_refused() =>
        Assert.Throws<ArgumentException>(() => LabelShrink.Apply(new byte[36], 6, 6, 4, new byte[1]));
}
