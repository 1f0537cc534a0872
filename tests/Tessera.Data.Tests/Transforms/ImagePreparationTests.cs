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
    [InlineData(100, 128, "128x128")]
    [InlineData(375, 1242, "384x1216")]
    [InlineData(0, 64, "64x64")]
    public void A_size_not_divisible_by_64_is_a_usage_error_that_names_one_that_is(int height, int width, string proposal)
    {
        var fault = Assert.Throws<UsageException>(() => ImagePreparation.Prepare(new byte[3], 1, 1, height, width, YuvSwing.Full));
        Assert.Contains($"{height}x{width}", fault.Message);
        Assert.Contains(proposal, fault.Message);
    }
}
