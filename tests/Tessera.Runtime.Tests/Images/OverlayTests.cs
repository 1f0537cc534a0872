using Tessera.Core;

namespace Tessera.Runtime.Tests.Images;

public class OverlayTests
{
    [Fact]
    public void Classes_bear_their_colours_and_everything_else_is_black()
    {
        byte[] painted = Overlay.Colorize([0, 13, 18, 19, 255], ClassTable.Cityscapes);
        Assert.Equal([128, 64, 128, 0, 0, 142, 119, 11, 32, 0, 0, 0, 0, 0, 0], painted);
    }

    [Fact]
    public void Blending_mixes_colour_and_picture_and_leaves_ignored_pixels_alone()
    {
        byte[] picture = [10, 20, 30, 200, 100, 255, 1, 2, 3];
        byte[] map = [0, 13, 255];
        Assert.Equal(picture, Overlay.Blend(picture, map, ClassTable.Cityscapes, 0));
        Assert.Equal([128, 64, 128, 0, 0, 142, 1, 2, 3], Overlay.Blend(picture, map, ClassTable.Cityscapes, 1));
        Assert.Equal([69, 42, 79, 100, 50, 199, 1, 2, 3], Overlay.Blend(picture, map, ClassTable.Cityscapes, 0.5)); // 198.5 up to 199
    }

    [Fact]
    public void Unequal_sizes_and_impossible_shares_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Overlay.Blend(new byte[3], [0, 0], ClassTable.Cityscapes, 0.5));
        Assert.ThrowsAny<ArgumentException>(() => Overlay.Blend(new byte[3], [0], ClassTable.Cityscapes, 1.5));
        Assert.ThrowsAny<ArgumentException>(() => Overlay.Blend(new byte[3], [0], ClassTable.Cityscapes, double.NaN));
    }
}
