using Tessera.Core;

namespace Tessera.Data.Tests.Transforms;

public class AugmentationTests
{
    private const int Height = 64;
    private const int Width = 128;

    public static TheoryData<string> All => [.. Augmentations.Keys];

    private static readonly Dictionary<string, IAugmentation> Augmentations = new()
    {
        ["flip"] = new RandomHorizontalFlip(),
        ["jitter"] = new ColourJitter(new ColourJitterOptions { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 }),
        ["crop"] = new RandomCrop(new RandomCropOptions()),
        ["cut-out"] = new CutOut(new CutOutOptions { Probability = 1 }),
        ["class-balanced crop"] = new ClassBalancedCrop(new RandomCropOptions()),
        ["blur"] = new GaussianBlur(new GaussianBlurOptions()),
        ["noise"] = new GaussianNoise(new GaussianNoiseOptions()),
        ["JPEG"] = new JpegCompression(new JpegCompressionOptions()),
        ["affine"] = new SegRandomAffine(new SegRandomAffineOptions { MinAngle = -20, MaxAngle = 20, TranslateX = 0.1, MaxShearX = 10 }),
    };

    [Theory]
    [MemberData(nameof(All))]
    public void The_same_stream_gives_the_same_result_and_another_another_and_the_source_stays(string name)
    {
        IAugmentation augmentation = Augmentations[name];
        AugmentationBuffers source = Source();
        byte[] rgb = source.Rgb.ToArray(), label = source.Label.ToArray();
        string first = Apply(augmentation, source, 1);
        Assert.Equal(first, Apply(augmentation, source, 1));
        Assert.Contains(Enumerable.Range(2, 20), seed => Apply(augmentation, source, seed) != first);
        Assert.Equal(rgb, source.Rgb.ToArray());
        Assert.Equal(label, source.Label.ToArray());
        Assert.True(augmentation.PerImage);
    }

    [Fact]
    public void A_flip_mirrors_image_and_label_and_happens_half_of_the_time()
    {
        AugmentationBuffers source = Source(), target = Empty();
        int flips = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            new RandomHorizontalFlip().Apply(source, target, SplittableRandom.For((ulong)seed));
            bool flipped = !target.Label.Span.SequenceEqual(source.Label.Span);
            flips += flipped ? 1 : 0;
            for (int y = 0; y < Height; y += 13)
            {
                for (int x = 0; x < Width; x++)
                {
                    int to = (y * Width) + x, from = (y * Width) + (flipped ? Width - 1 - x : x);
                    Assert.Equal(source.Label.Span[from], target.Label.Span[to]);
                    Assert.True(source.Rgb.Span.Slice(from * 3, 3).SequenceEqual(target.Rgb.Span.Slice(to * 3, 3)));
                }
            }
        }

        // 400 fair draws: 200, standard deviation 10.
        Assert.InRange(flips, 150, 250);
    }

    [Fact]
    public void A_crop_is_the_part_resized_as_the_one_hot_definition_says()
    {
        AugmentationBuffers source = Source(), target = Empty();
        var part = new ImageRectangle(5, 17, 40, 77);
        RandomCrop.Crop(source, target, part);
        byte[] rgb = new byte[40 * 77 * 3], label = new byte[40 * 77];
        for (int y = 0; y < 40; y++)
        {
            for (int x = 0; x < 77; x++)
            {
                int from = ((y + 5) * Width) + x + 17, to = (y * 77) + x;
                label[to] = source.Label.Span[from];
                source.Rgb.Span.Slice(from * 3, 3).CopyTo(rgb.AsSpan(to * 3));
            }
        }

        Assert.Equal(OneHot.Resize(label, 40, 77, Height, Width), target.Label.ToArray());
        Near.Assert(ReferenceImage.Resize(new RgbImage(rgb, 40, 77), Height, Width), target.Rgb.ToArray());
        Assert.Throws<ArgumentException>(() => RandomCrop.Crop(source, target, new ImageRectangle(0, 100, 10, 29)));
    }

    [Fact]
    public void A_crop_of_everything_is_the_identity()
    {
        AugmentationBuffers source = Source(), target = Empty();
        new RandomCrop(new RandomCropOptions { MinArea = 1, MaxArea = 1, MinRatio = 1, MaxRatio = 1 }).Apply(source, target, SplittableRandom.For(1));
        Assert.True(source.Rgb.Span.SequenceEqual(target.Rgb.Span) && source.Label.Span.SequenceEqual(target.Label.Span));
    }

    [Fact]
    public void A_cut_out_is_one_rectangle_of_the_fill_whose_label_is_ignored()
    {
        var white = new AugmentationBuffers(Enumerable.Repeat((byte)255, Height * Width * 3).ToArray(), new byte[Height * Width], Height, Width);
        AugmentationBuffers target = Empty();
        for (int seed = 0; seed < 50; seed++)
        {
            new CutOut(new CutOutOptions { Probability = 1, MinArea = 0.05, MaxArea = 0.2, Fill = 9 }).Apply(white, target, SplittableRandom.For((ulong)seed));
            int[] holes = [.. Enumerable.Range(0, Height * Width).Where(i => target.Label.Span[i] == 255)];
            int rows = (holes[^1] / Width) - (holes[0] / Width) + 1, columns = holes.Max(i => i % Width) - holes.Min(i => i % Width) + 1;
            Assert.Equal(rows * columns, holes.Length);
            Assert.InRange(holes.Length / (double)(Height * Width), 0.045, 0.21);
            for (int i = 0; i < Height * Width; i++)
            {
                Assert.Equal(target.Label.Span[i] == 255 ? 9 : 255, target.Rgb.Span[i * 3]);
            }
        }

        new CutOut(new CutOutOptions { Probability = 1, IgnoreLabel = false }).Apply(white, target, SplittableRandom.For(1));
        Assert.True(target.Label.Span.SequenceEqual(white.Label.Span));
        new CutOut(new CutOutOptions { Probability = 0 }).Apply(white, target, SplittableRandom.For(1));
        Assert.True(target.Rgb.Span.SequenceEqual(white.Rgb.Span));
    }

    [Fact]
    public void Settings_out_of_range_are_usage_errors()
    {
        Assert.Throws<UsageException>(() => new RandomHorizontalFlip(1.5));
        Assert.Throws<UsageException>(() => new ColourJitter(new ColourJitterOptions { Hue = 0.6 }));
        Assert.Throws<UsageException>(() => new ColourJitter(new ColourJitterOptions { Brightness = -1 }));
        Assert.Throws<UsageException>(() => new ColourJitter(new ColourJitterOptions { Probability = double.NaN }));
        Assert.Throws<UsageException>(() => new RandomCrop(new RandomCropOptions { MinArea = 0 }));
        Assert.Throws<UsageException>(() => new RandomCrop(new RandomCropOptions { MinRatio = 2, MaxRatio = 1 }));
        Assert.Throws<UsageException>(() => new CutOut(new CutOutOptions { MaxArea = 1.1 }));
    }

    private static AugmentationBuffers Source() => new(Make.Image(Height, Width).Pixels, Make.TrainIds(Height, Width).Values, Height, Width);

    private static AugmentationBuffers Empty() => new(new byte[Height * Width * 3], new byte[Height * Width], Height, Width);

    private static string Apply(IAugmentation augmentation, AugmentationBuffers source, int seed)
    {
        AugmentationBuffers target = Empty();
        augmentation.Apply(source, target, SplittableRandom.For(7, seed));
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([.. target.Rgb.Span, .. target.Label.Span]));
    }
}
