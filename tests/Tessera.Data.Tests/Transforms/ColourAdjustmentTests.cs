namespace Tessera.Data.Tests.Transforms;

public class ColourAdjustmentTests
{
    // The image of torchvision's own tests of these functions, with the values that they expect.
    private static readonly byte[] Known = [0, 5, 13, 54, 135, 226, 37, 8, 234, 90, 255, 1];

    [Fact]
    public void Brightness_gives_torchvisions_values()
    {
        Assert.Equal(new byte[] { 0, 2, 6, 27, 67, 113, 18, 4, 117, 45, 127, 0 }, Changed(rgb => ColourAdjustment.Brightness(rgb, 0.5)));
        Assert.Equal(new byte[] { 0, 10, 26, 108, 255, 255, 74, 16, 255, 180, 255, 2 }, Changed(rgb => ColourAdjustment.Brightness(rgb, 2)));
        Assert.Equal(Known, Changed(rgb => ColourAdjustment.Brightness(rgb, 1)));
    }

    [Fact]
    public void Contrast_and_saturation_are_within_a_level_or_two_of_the_values_of_torchvisions_tests()
    {
        // Those tests run on PIL images, whose gray is rounded where that of tensors is cut: half a level, times the factor, plus the rounding of the mean.
        Close([43, 45, 49, 70, 110, 156, 61, 47, 160, 88, 170, 43], Changed(rgb => ColourAdjustment.Contrast(rgb, 0.5)), 1);
        Close([0, 0, 0, 22, 184, 255, 0, 0, 255, 94, 255, 0], Changed(rgb => ColourAdjustment.Contrast(rgb, 2)), 2);
        Close([2, 4, 8, 87, 128, 173, 39, 25, 138, 133, 216, 89], Changed(rgb => ColourAdjustment.Saturation(rgb, 0.5)), 1);
        Close([0, 6, 22, 0, 149, 255, 32, 0, 255, 3, 255, 0], Changed(rgb => ColourAdjustment.Saturation(rgb, 2)), 2);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.37)]
    [InlineData(1.0)]
    [InlineData(1.8)]
    public void Blends_equal_the_formula_in_float32(double factor)
    {
        RgbImage image = Make.Image(50, 60);
        byte[] contrast = [.. image.Pixels], saturation = [.. image.Pixels];
        ColourAdjustment.Contrast(contrast, factor);
        ColourAdjustment.Saturation(saturation, factor);
        int[] grays = [.. Enumerable.Range(0, 50 * 60).Select(i => (int)((0.2989f * image.Pixels[i * 3]) + (0.587f * image.Pixels[(i * 3) + 1]) + (0.114f * image.Pixels[(i * 3) + 2])))];
        float mean = (float)grays.Average();
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            Assert.Equal(Blend(image.Pixels[i], mean), contrast[i]);
            Assert.Equal(Blend(image.Pixels[i], grays[i / 3]), saturation[i]);
        }

        byte Blend(byte value, float other) => (byte)Math.Clamp(((float)factor * value) + ((float)(1 - factor) * other), 0, 255);
    }

    [Fact]
    public void A_third_of_a_turn_exchanges_the_primary_colours_and_a_whole_one_changes_nothing()
    {
        byte[] rgb = [200, 10, 10, 10, 200, 10, 10, 10, 200, 77, 77, 77];
        byte[] turned = [.. rgb];
        ColourAdjustment.Hue(turned, 1.0 / 3);

        // Red becomes green, green blue, blue red; gray stays. Float32 cut to bytes: one level.
        Close([10, 200, 10, 10, 10, 200, 200, 10, 10, 77, 77, 77], turned, 1);
        byte[] image = Make.Image(40, 40).Pixels, same = [.. image];
        ColourAdjustment.Hue(same, 0);
        Close(image, same, 1);
        ColourAdjustment.Hue(same, 0.25);
        ColourAdjustment.Hue(same, -0.25);
        Close(image, same, 4);
    }

    [Fact]
    public void A_turned_hue_is_near_the_values_of_torchvisions_tests()
    {
        // PIL keeps hue in 256 steps, 6/256 of a sector's 255 levels each: up to 6 levels apart, and the roundings of PIL's saturation on top.
        Close([13, 0, 12, 224, 54, 226, 234, 8, 99, 1, 222, 255], Changed(rgb => ColourAdjustment.Hue(rgb, 0.25)), 8);
        Close([0, 13, 2, 54, 226, 58, 8, 234, 152, 255, 43, 1], Changed(rgb => ColourAdjustment.Hue(rgb, -0.25)), 8);
    }

    private static byte[] Changed(Action<byte[]> change)
    {
        byte[] rgb = [.. Known];
        change(rgb);
        return rgb;
    }

    private static void Close(byte[] expected, byte[] actual, int levels)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i] - expected[i], -levels, levels);
        }
    }
}
