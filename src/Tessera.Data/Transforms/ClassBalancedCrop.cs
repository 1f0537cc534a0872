using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>
/// Cuts a random part out of the image that shows a random class, and makes it the whole image: classes of few pixels are seen as often as the others. The class is drawn from those that
/// the image has, a pixel of it from all of its pixels, and the part from those that hold the pixel; otherwise as <see cref="RandomCrop"/>.
/// </summary>
/// <remarks>Draws: the rectangle's size, the class, the pixel, the place. An image without a labelled pixel is cropped as by <see cref="RandomCrop"/>.</remarks>
public sealed class ClassBalancedCrop : IAugmentation
{
    private readonly RandomCropOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A range is empty or impossible.</exception>
    public ClassBalancedCrop(RandomCropOptions options)
    {
        Probability.CheckRange(nameof(ClassBalancedCrop), "area", options.MinArea, options.MaxArea, 1e-6, 1);
        Probability.CheckRange(nameof(ClassBalancedCrop), "ratio", options.MinRatio, options.MaxRatio, 1e-3, 1e3);
        _options = options;
    }

    /// <summary>Makes the transform from its keys, which are those of <see cref="RandomCrop"/>.</summary>
    public static ClassBalancedCrop Read(IKeyReader keys) => new(RandomCropOptions.Read(keys));

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        ImageRectangle drawn = RandomCrop.Draw(_options, source.Height, source.Width, random);
        RandomCrop.Crop(source, target, Pixel(source.Label.Span, random) is { } pixel ? Holding(drawn, pixel / source.Width, pixel % source.Width, source.Height, source.Width, random) : drawn);
    }

    /// <summary>A pixel of a class, every class and every pixel of it equally likely; null where nothing is labelled.</summary>
    private static int? Pixel(ReadOnlySpan<byte> label, SplittableRandom random)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (byte value in label)
        {
            counts[value]++;
        }

        counts[ClassTable.Ignore] = 0;
        int classes = counts.Length - counts.Count(0);
        if (classes == 0)
        {
            return null;
        }

        int wanted = random.Next(classes), id = -1;
        for (int seen = -1; seen < wanted; seen += counts[id] > 0 ? 1 : 0)
        {
            id++;
        }

        int number = random.Next(counts[id]), place = -1;
        for (int seen = -1; seen < number; seen++)
        {
            place += 1 + label[(place + 1)..].IndexOf((byte)id);
        }

        return place;
    }

    /// <summary>A rectangle of the same size that holds a pixel, every place equally likely.</summary>
    private static ImageRectangle Holding(ImageRectangle size, int y, int x, int height, int width, SplittableRandom random)
    {
        int top = Math.Max(0, y - size.Height + 1), left = Math.Max(0, x - size.Width + 1);
        int bottom = Math.Min(y, height - size.Height), right = Math.Min(x, width - size.Width);
        return size with { Top = top + random.Next(bottom - top + 1), Left = left + random.Next(right - left + 1) };
    }
}
