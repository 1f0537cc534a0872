using Tessera.Core;

namespace Tessera.Data.Tests.Transforms;

public class SegRandomAffineTests
{
    // Factors for which no pixel comes from exactly half way between two others: there the last bit of the computation would decide.
    public static TheoryData<int, int, double> Scales => new()
    {
        { 64, 128, 0.5 }, { 64, 128, 0.731 }, { 64, 128, 1.0 }, { 64, 128, 1.371 }, { 64, 128, 2.0 }, { 33, 47, 0.61 }, { 33, 47, 1.9 },
    };

    /// <summary>Scale, angle, shift x, shift y, shear x, shear y.</summary>
    public static TheoryData<double, double, double, double, double, double> Changes => new()
    {
        { 1.131, 0, 7, -3, 0, 0 }, { 1, 0, 200, 0, 0, 0 }, { 0.831, 10, 0, 0, 0, 0 }, { 1.211, -33, 5, 2, 0, 0 }, { 1, 90, 0, 0, 0, 0 }, { 1.701, 180, 0, 0, 0, 0 },
        { 1.051, 0, 0, 0, 12, 0 }, { 0.931, 0, 0, 0, 0, -21 }, { 1.371, 17, -9, 4, 8, -5 }, { 0.611, -71, 3, 3, -30, 25 },
    };

    [Theory]
    [MemberData(nameof(Scales))]
    public void A_scaled_label_equals_the_one_hot_definition(int height, int width, double scale) => AssertLabel(height, width, new AffineParameters(scale));

    [Theory]
    [MemberData(nameof(Scales))]
    public void A_scaled_image_is_within_one_level_of_the_computation_in_double(int height, int width, double scale) => AssertImage(height, width, new AffineParameters(scale));

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_changed_label_equals_the_one_hot_definition(double scale, double angle, double x, double y, double shearX, double shearY)
    {
        AssertLabel(64, 128, new AffineParameters(scale, angle, x, y, shearX, shearY));
        AssertLabel(37, 53, new AffineParameters(scale, angle, x, y, shearX, shearY));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_changed_image_is_within_one_level_of_the_computation_in_double(double scale, double angle, double x, double y, double shearX, double shearY)
    {
        AssertImage(64, 128, new AffineParameters(scale, angle, x, y, shearX, shearY));
        AssertImage(37, 53, new AffineParameters(scale, angle, x, y, shearX, shearY));
    }

    [Fact]
    public void The_general_pass_agrees_with_the_separable_one()
    {
        RgbImage image = Make.Image(64, 128);
        LabelImage label = Make.TrainIds(64, 128);
        foreach (double scale in new[] { 0.5, 0.771, 1.0, 1.611 })
        {
            var change = new AffineParameters(scale, 0, 5, -2);
            byte[] first = new byte[image.Pixels.Length], second = new byte[image.Pixels.Length], firstLabel = new byte[64 * 128], secondLabel = new byte[64 * 128];
            SegRandomAffine.Image(image.Pixels, first, 64, 128, change);
            AffineSampler.Image(image.Pixels, second, 64, 128, change.Invert());
            Near.Assert(first, second);
            SegRandomAffine.Label(label.Values, firstLabel, 64, 128, change);
            AffineSampler.Label(label.Values, secondLabel, 64, 128, change.Invert());
            Assert.Equal(firstLabel, secondLabel);
        }
    }

    [Fact]
    public void A_positive_angle_turns_clockwise()
    {
        // A quarter turn of a square: the top right corner comes from the top left one.
        var label = new byte[64 * 64];
        label[0] = 5;
        var turned = new byte[64 * 64];
        SegRandomAffine.Label(label, turned, 64, 64, new AffineParameters(1, 90));
        Assert.Equal(63, Array.IndexOf(turned, (byte)5));
    }

    [Fact]
    public void Scale_one_is_the_identity()
    {
        RgbImage image = Make.Image(64, 64);
        var scaled = new byte[image.Pixels.Length];
        SegRandomAffine.Image(image.Pixels, scaled, 64, 64, new AffineParameters(1));
        Assert.Equal(image.Pixels, scaled);
    }

    [Fact]
    public void Outside_is_black_and_ignored()
    {
        var rgb = new byte[64 * 64 * 3];
        Array.Fill(rgb, (byte)200);
        foreach (double angle in new[] { 0.0, 30.0 })
        {
            byte[] scaledRgb = new byte[rgb.Length], scaledLabel = new byte[64 * 64];
            SegRandomAffine.Image(rgb, scaledRgb, 64, 64, new AffineParameters(0.5, angle));
            SegRandomAffine.Label(new byte[64 * 64], scaledLabel, 64, 64, new AffineParameters(0.5, angle));
            Assert.Equal(0, scaledRgb[0]);
            Assert.Equal(ClassTable.Ignore, scaledLabel[0]);
            Assert.Equal(200, scaledRgb[((32 * 64) + 32) * 3]);
            Assert.Equal(0, scaledLabel[(32 * 64) + 32]);
        }
    }

    [Fact]
    public void Draws_fill_their_ranges_and_shifts_are_whole_pixels()
    {
        var affine = new SegRandomAffine(new SegRandomAffineOptions
        {
            MinScale = 0.8, MaxScale = 1.2, MinAngle = -10, MaxAngle = 20, TranslateX = 0.1, TranslateY = 0.25, MinShearX = -5, MaxShearX = 5, MinShearY = 1, MaxShearY = 2,
        });
        AffineParameters[] drawn = [.. Enumerable.Range(0, 2000).Select(i => affine.Draw(SplittableRandom.For(1, i), 64, 128))];
        Fills(drawn.Select(p => p.Scale), 0.8, 1.2);
        Fills(drawn.Select(p => p.Angle), -10, 20);
        Fills(drawn.Select(p => p.TranslateX), -13, 13);
        Fills(drawn.Select(p => p.TranslateY), -16, 16);
        Fills(drawn.Select(p => p.ShearX), -5, 5);
        Fills(drawn.Select(p => p.ShearY), 1, 2);
        Assert.All(drawn, p => Assert.Equal((Math.Round(p.TranslateX), Math.Round(p.TranslateY)), (p.TranslateX, p.TranslateY)));

        static void Fills(IEnumerable<double> values, double min, double max)
        {
            double[] all = [.. values];
            Assert.InRange(all.Min(), min, min + ((max - min) * 0.05));
            Assert.InRange(all.Max(), max - ((max - min) * 0.05), max);
            Assert.InRange(all.Average(), min + ((max - min) * 0.45), max - ((max - min) * 0.45));
        }
    }

    [Fact]
    public void The_same_stream_gives_the_same_draw()
    {
        var affine = new SegRandomAffine(new SegRandomAffineOptions());
        Assert.Equal(affine.Draw(SplittableRandom.For(1, 2, 3), 64, 64), affine.Draw(SplittableRandom.For(1, 2, 3), 64, 64));
        Assert.NotEqual(affine.Draw(SplittableRandom.For(1, 2, 3), 64, 64), affine.Draw(SplittableRandom.For(1, 2, 4), 64, 64));
        AffineParameters scaleAlone = affine.Draw(SplittableRandom.For(1, 2, 3), 64, 64);
        Assert.Equal(new AffineParameters(scaleAlone.Scale), scaleAlone);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 1)]
    [InlineData(double.NaN, 1)]
    public void A_scale_range_that_is_empty_or_not_positive_is_a_usage_error(double min, double max) =>
        Assert.Throws<UsageException>(() => new SegRandomAffine(new SegRandomAffineOptions { MinScale = min, MaxScale = max }));

    [Fact]
    public void Other_impossible_ranges_are_usage_errors()
    {
        Assert.Throws<UsageException>(() => new SegRandomAffine(new SegRandomAffineOptions { MinAngle = 5, MaxAngle = 4 }));
        Assert.Throws<UsageException>(() => new SegRandomAffine(new SegRandomAffineOptions { TranslateX = 1.5 }));
        Assert.Throws<UsageException>(() => new SegRandomAffine(new SegRandomAffineOptions { TranslateY = -0.1 }));
        Assert.Throws<UsageException>(() => new SegRandomAffine(new SegRandomAffineOptions { MaxShearX = 90 }));
        Assert.Throws<UsageException>(() => new SegRandomAffine(new SegRandomAffineOptions { MinShearY = 3 }));
    }

    private static void AssertLabel(int height, int width, AffineParameters change)
    {
        LabelImage label = Make.TrainIds(height, width);
        var changed = new byte[height * width];
        SegRandomAffine.Label(label.Values, changed, height, width, change);
        Assert.Equal(OneHot.Affine(label.Values, height, width, ReferenceAffine.ToSource(change, height, width)), changed);
    }

    private static void AssertImage(int height, int width, AffineParameters change)
    {
        RgbImage image = Make.Image(height, width);
        var changed = new byte[image.Pixels.Length];
        SegRandomAffine.Image(image.Pixels, changed, height, width, change);

        // Float32 and double may round a value near a half to different sides: one level, and only rarely.
        Near.Assert(ReferenceImage.Affine(image, ReferenceAffine.ToSource(change, height, width)), changed);
    }
}
