using Tessera.Core;

namespace Tessera.Data.Tests.Transforms;

public class SegRandomAffineTests
{
    public static TheoryData<int, int, double> Cases => new()
    {
        { 64, 128, 0.5 }, { 64, 128, 0.73 }, { 64, 128, 1.0 }, { 64, 128, 1.37 }, { 64, 128, 2.0 }, { 33, 47, 0.61 }, { 33, 47, 1.9 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_label_equals_the_one_hot_definition(int height, int width, double scale)
    {
        LabelImage label = Make.TrainIds(height, width);
        var scaled = new byte[height * width];
        SegRandomAffine.Label(label.Values, scaled, height, width, scale);
        Assert.Equal(OneHot.Affine(label.Values, height, width, scale), scaled);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_image_is_within_one_level_of_the_computation_in_double(int height, int width, double scale)
    {
        RgbImage image = Make.Image(height, width);
        var scaled = new byte[image.Pixels.Length];
        SegRandomAffine.Image(image.Pixels, scaled, height, width, scale);

        // Float32 and double may round a value near a half to different sides: one level, and only rarely.
        Near.Assert(ReferenceImage.Affine(image, scale), scaled);
    }

    [Fact]
    public void Scale_one_is_the_identity()
    {
        RgbImage image = Make.Image(64, 64);
        var scaled = new byte[image.Pixels.Length];
        SegRandomAffine.Image(image.Pixels, scaled, 64, 64, 1.0);
        Assert.Equal(image.Pixels, scaled);
    }

    [Fact]
    public void Outside_is_black_and_ignored()
    {
        var rgb = new byte[64 * 64 * 3];
        Array.Fill(rgb, (byte)200);
        var scaledRgb = new byte[rgb.Length];
        var scaledLabel = new byte[64 * 64];
        SegRandomAffine.Image(rgb, scaledRgb, 64, 64, 0.5);
        SegRandomAffine.Label(new byte[64 * 64], scaledLabel, 64, 64, 0.5);
        Assert.Equal(0, scaledRgb[0]);
        Assert.Equal(ClassTable.Ignore, scaledLabel[0]);
        Assert.Equal(200, scaledRgb[((32 * 64) + 32) * 3]);
        Assert.Equal(0, scaledLabel[(32 * 64) + 32]);
    }

    [Fact]
    public void The_same_stream_gives_the_same_draw_within_the_range()
    {
        var affine = new SegRandomAffine(new SegRandomAffineOptions());
        var source = new AugmentationBuffers(Make.Image(64, 64).Pixels, Make.TrainIds(64, 64).Values, 64, 64);
        AugmentationBuffers first = Empty(), second = Empty(), other = Empty();
        affine.Apply(source, first, SplittableRandom.For(1, 2, 3));
        affine.Apply(source, second, SplittableRandom.For(1, 2, 3));
        affine.Apply(source, other, SplittableRandom.For(1, 2, 4));
        Assert.True(first.Rgb.Span.SequenceEqual(second.Rgb.Span) && first.Label.Span.SequenceEqual(second.Label.Span));
        Assert.False(first.Rgb.Span.SequenceEqual(other.Rgb.Span));

        static AugmentationBuffers Empty() => new(new byte[64 * 64 * 3], new byte[64 * 64], 64, 64);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 1)]
    [InlineData(double.NaN, 1)]
    public void A_scale_range_that_is_empty_or_not_positive_is_a_usage_error(double min, double max) =>
        Assert.Throws<UsageException>(() => new SegRandomAffine(new SegRandomAffineOptions { MinScale = min, MaxScale = max }));
}
