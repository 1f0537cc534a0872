using Tessera.Core;

namespace Tessera.Data.Tests.Transforms;

/// <summary>Blur, noise, JPEG and the crop by classes: what they do, against independent computations.</summary>
public class ImageFaultTests
{
    private const int Height = 20, Width = 30;

    [Theory]
    [InlineData(0.5)]
    [InlineData(2.0)]
    [InlineData(15.0)] // reaches beyond the image to both sides
    public void A_blur_is_the_two_dimensional_sum_over_the_mirrored_image(double sigma)
    {
        byte[] source = Noise(1), blurred = new byte[source.Length];
        GaussianBlur.Blur(source, blurred, Height, Width, sigma);
        int reach = (int)Math.Ceiling(3 * sigma);
        double total = 0;
        for (int k = -reach; k <= reach; k++)
        {
            total += Math.Exp(-k * k / (2 * sigma * sigma));
        }

        foreach ((int y, int x) in new[] { (0, 0), (7, 11), (19, 29), (3, 28) })
        {
            double sum = 0;
            for (int dy = -reach; dy <= reach; dy++)
            {
                for (int dx = -reach; dx <= reach; dx++)
                {
                    sum += Math.Exp(-((dy * dy) + (dx * dx)) / (2 * sigma * sigma)) * source[(((Mirror(y + dy, Height) * Width) + Mirror(x + dx, Width)) * 3) + 1];
                }
            }

            Assert.Equal(sum / (total * total), blurred[(((y * Width) + x) * 3) + 1], 0.502); // rounded once
        }

        byte[] flat = [.. Enumerable.Repeat((byte)77, source.Length)];
        GaussianBlur.Blur(flat, blurred, Height, Width, sigma);
        Assert.All(blurred, value => Assert.Equal(77, value));

        static int Mirror(int place, int size)
        {
            while (place < 0 || place >= size)
            {
                place = place < 0 ? -place : (2 * (size - 1)) - place;
            }

            return place;
        }
    }

    [Fact]
    public void A_blur_of_one_pixel_is_the_pixel()
    {
        byte[] target = new byte[3];
        GaussianBlur.Blur([1, 2, 250], target, 1, 1, 3);
        Assert.Equal([1, 2, 250], target);
    }

    [Fact]
    public void Noise_has_the_strength_that_was_asked_for_and_no_drift()
    {
        const int count = 100 * 100 * 3;
        byte[] gray = [.. Enumerable.Repeat((byte)128, count)], noisy = new byte[count], label = new byte[count / 3];
        new GaussianNoise(new() { MinStd = 8, MaxStd = 8, Probability = 1 }).Apply(new(gray, label, 100, 100), new(noisy, new byte[label.Length], 100, 100), SplittableRandom.For(1));
        double mean = noisy.Average(value => value - 128.0), std = Math.Sqrt(noisy.Average(value => Math.Pow(value - 128.0 - mean, 2)));
        Assert.InRange(mean, -0.25, 0.25); // 30,000 draws: five standard deviations of their mean
        Assert.InRange(std, 7.8, 8.2);
        Assert.InRange(noisy.Zip(noisy.Skip(1)).Average(pair => (pair.First - 128.0) * (pair.Second - 128.0)), -2, 2); // neighbours know nothing of each other
    }

    [Fact]
    public void A_JPEG_of_lower_quality_is_further_from_the_image()
    {
        byte[] source = [.. Enumerable.Range(0, Height * Width * 3).Select(i => (byte)(128 + (100 * Math.Sin(i / 7.0))))];
        double Error(int quality)
        {
            byte[] target = new byte[source.Length];
            new JpegCompression(new() { MinQuality = quality, MaxQuality = quality, Probability = 1 }).Apply(new(source, new byte[Height * Width], Height, Width), new(target, new byte[Height * Width], Height, Width), SplittableRandom.For(1));
            return source.Zip(target).Average(pair => Math.Abs(pair.First - pair.Second));
        }

        Assert.InRange(Error(100), 0, 2);
        Assert.True(Error(100) < Error(60) && Error(60) < Error(5));
    }

    [Fact]
    public void A_crop_by_classes_shows_rare_classes_as_often_as_others()
    {
        byte[] label = [.. Enumerable.Repeat((byte)3, Height * Width)], rgb = new byte[label.Length * 3];
        label[(7 * Width) + 25] = 9; // one pixel of 600
        label[0] = 255;
        var crop = new ClassBalancedCrop(new() { MinArea = 0.05, MaxArea = 0.05, MinRatio = 1, MaxRatio = 1 });
        int seen = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            byte[] newLabel = new byte[label.Length];
            crop.Apply(new(rgb, label, Height, Width), new(new byte[rgb.Length], newLabel, Height, Width), SplittableRandom.For((ulong)seed));
            seen += newLabel.Contains((byte)9) ? 1 : 0;
        }

        Assert.InRange(seen, 80, 130); // half of the draws are for the class, and few of the others show it; 1 in 20 without

        byte[] nothing = [.. Enumerable.Repeat((byte)255, label.Length)], still = new byte[label.Length];
        crop.Apply(new(rgb, nothing, Height, Width), new(new byte[rgb.Length], still, Height, Width), SplittableRandom.For(1));
        Assert.All(still, value => Assert.Equal(255, value));
    }

    [Fact]
    public void Each_setting_out_of_range_is_refused()
    {
        Assert.Contains("sigma range of GaussianBlur is 0..2", Assert.Throws<UsageException>(() => new GaussianBlur(new() { MinSigma = 0 })).Message);
        Assert.Contains("std range of GaussianNoise is 5..3", Assert.Throws<UsageException>(() => new GaussianNoise(new() { MinStd = 5, MaxStd = 3 })).Message);
        Assert.Contains("quality range of JpegCompression is 0..95", Assert.Throws<UsageException>(() => new JpegCompression(new() { MinQuality = 0 })).Message);
        Assert.Contains("area range of ClassBalancedCrop", Assert.Throws<UsageException>(() => new ClassBalancedCrop(new() { MinArea = 0 })).Message);
        Assert.Contains("probability of GaussianBlur is 2", Assert.Throws<UsageException>(() => new GaussianBlur(new() { Probability = 2 })).Message);
    }

    private static byte[] Noise(int seed)
    {
        byte[] bytes = new byte[Height * Width * 3];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
