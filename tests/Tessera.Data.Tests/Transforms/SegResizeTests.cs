namespace Tessera.Data.Tests.Transforms;

public class SegResizeTests
{
    public static TheoryData<int, int, int, int> Sizes => new()
    {
        { 20, 30, 20, 30 }, { 20, 30, 40, 60 }, { 40, 60, 20, 30 }, { 37, 53, 64, 128 }, { 75, 124, 64, 128 }, { 1, 1, 64, 64 }, { 90, 7, 11, 50 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_label_equals_the_one_hot_definition(int height, int width, int targetHeight, int targetWidth)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            LabelImage label = Make.TrainIds(height, width, seed);
            var resized = new byte[targetHeight * targetWidth];
            SegResize.Label(label.Values, height, width, resized, targetHeight, targetWidth);
            Assert.Equal(OneHot.Resize(label.Values, height, width, targetHeight, targetWidth), resized);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_image_is_within_one_level_of_the_computation_in_double(int height, int width, int targetHeight, int targetWidth)
    {
        RgbImage image = Make.Image(height, width);
        var resized = new byte[targetHeight * targetWidth * 3];
        SegResize.Image(image.Pixels, height, width, resized, targetHeight, targetWidth);

        // Float32 and double may round a value near a half to different sides: one level, and only rarely.
        Near.Assert(ReferenceImage.Resize(image, targetHeight, targetWidth), resized);
    }

    [Fact]
    public void A_size_that_fits_is_the_identity()
    {
        RgbImage image = Make.Image(33, 47);
        var copy = new byte[image.Pixels.Length];
        SegResize.Image(image.Pixels, 33, 47, copy, 33, 47);
        Assert.Equal(image.Pixels, copy);
    }

    [Fact]
    public void Four_classes_that_meet_leave_an_ignored_pixel()
    {
        var result = new byte[1];
        SegResize.Label([0, 1, 2, 3], 2, 2, result, 1, 1);
        Assert.Equal(255, result[0]);
        SegResize.Label([0, 0, 1, 1], 2, 2, result, 1, 1);
        Assert.Equal(255, result[0]);
        SegResize.Label([0, 0, 0, 1], 2, 2, result, 1, 1);
        Assert.Equal(0, result[0]);
    }

    [Fact]
    public void A_buffer_of_the_wrong_length_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SegResize.Image(new byte[10], 2, 2, new byte[12], 2, 2));
        Assert.Throws<ArgumentException>(() => SegResize.Label(new byte[4], 2, 2, new byte[5], 2, 2));
    }
}
