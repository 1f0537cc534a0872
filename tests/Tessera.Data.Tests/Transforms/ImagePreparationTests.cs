using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Data.Tests.Transforms;

public class ImagePreparationTests
{
    [Theory]
    [InlineData(YuvSwing.Full)]
    [InlineData(YuvSwing.StudioSubsampled)]
    public void An_image_is_resized_and_then_converted(YuvSwing swing)
    {
        RgbImage image = Make.Image(50, 90);
        var resized = new byte[64 * 128 * 3];
        SegResize.Image(image.Pixels, 50, 90, resized, 64, 128);
        var expected = new sbyte[resized.Length];
        Yuv444.FromRgb(resized, expected, 64, 128, swing);
        Assert.Equal(expected, ImagePreparation.Prepare(image.Pixels, 50, 90, 64, 128, swing));
    }

    [Theory]
    [InlineData(0, 64, YuvSwing.Full, "at least 1")]
    [InlineData(64, -1, YuvSwing.Full, "at least 1")]
    [InlineData(63, 64, YuvSwing.StudioSubsampled, "must be even")]
    public void A_size_that_no_image_can_have_is_a_usage_error(int height, int width, YuvSwing swing, string rule)
    {
        var fault = Assert.Throws<UsageException>(() => ImagePreparation.Prepare(new byte[3], 1, 1, height, width, swing));
        Assert.Contains($"{height}x{width}", fault.Message);
        Assert.Contains(rule, fault.Message);
    }

    [Fact]
    public void Any_other_size_is_taken() => Assert.Equal(5 * 7 * 3, ImagePreparation.Prepare(new byte[12], 2, 2, 5, 7, YuvSwing.Full).Length);
}
