using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Settings of <see cref="RandomCrop"/>.</summary>
public sealed record RandomCropOptions
{
    /// <summary>The smallest part of the image's area, above 0; default 0.25.</summary>
    public double MinArea { get; init; } = 0.25;

    /// <summary>The largest part, up to 1; default 1.</summary>
    public double MaxArea { get; init; } = 1;

    /// <summary>The smallest ratio by which the part's aspect differs from the image's; default 0.75. 1 with <see cref="MaxRatio"/> 1 keeps it.</summary>
    public double MinRatio { get; init; } = 0.75;

    /// <summary>The largest such ratio; default 4/3.</summary>
    public double MaxRatio { get; init; } = 4.0 / 3;

    /// <summary>One draw per image (default), or one per batch.</summary>
    public bool PerImage { get; init; } = true;

    /// <summary>Reads the transform's keys.</summary>
    public static RandomCropOptions Read(IKeyReader keys)
    {
        (double minArea, double maxArea) = keys.Range("area", (0.25, 1), 1e-3, 1);
        (double minRatio, double maxRatio) = keys.Range("ratio", (0.75, 4.0 / 3), 0.01, 100);
        return new RandomCropOptions { MinArea = minArea, MaxArea = maxArea, MinRatio = minRatio, MaxRatio = maxRatio, PerImage = keys.Flag("per_image", true) };
    }
}

/// <summary>
/// Cuts a random part out of the image and makes it the whole image (torchvision's RandomResizedCrop), with <see cref="SegResize"/>'s
/// meaning for image and label.
/// </summary>
/// <remarks>Unlike torchvision's, ratios are relative to the image's own aspect, so that 1 does not distort. Where ten tries fit nothing, the whole image is kept.</remarks>
public sealed class RandomCrop : IAugmentation
{
    private readonly RandomCropOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A range is empty or impossible.</exception>
    public RandomCrop(RandomCropOptions options)
    {
        Probability.CheckRange(nameof(RandomCrop), "area", options.MinArea, options.MaxArea, 1e-6, 1);
        Probability.CheckRange(nameof(RandomCrop), "ratio", options.MinRatio, options.MaxRatio, 1e-3, 1e3);
        _options = options;
    }

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        Crop(source, target, Draw(_options, source.Height, source.Width, random));
    }

    /// <summary>Draws a part of an image of that size; the whole where ten tries fit nothing.</summary>
    internal static ImageRectangle Draw(RandomCropOptions options, int height, int width, SplittableRandom random)
    {
        double own = width / (double)height;
        return ImageRectangle.Draw(random, height, width, options.MinArea, options.MaxArea, options.MinRatio * own, options.MaxRatio * own) ?? new ImageRectangle(0, 0, height, width);
    }

    /// <summary>Makes a part of the image the whole image.</summary>
    /// <exception cref="ArgumentException">The part leaves the image, or the sizes differ.</exception>
    public static void Crop(in AugmentationBuffers source, in AugmentationBuffers target, ImageRectangle part)
    {
        if (part.Top < 0 || part.Left < 0 || part.Height < 1 || part.Width < 1 || part.Top + part.Height > source.Height || part.Left + part.Width > source.Width)
        {
            throw new ArgumentException($"The part {part} leaves the image of {source.Height}x{source.Width}.", nameof(part));
        }

        byte[] rgb = new byte[part.Height * part.Width * 3], label = new byte[part.Height * part.Width];
        for (int y = 0; y < part.Height; y++)
        {
            int from = ((part.Top + y) * source.Width) + part.Left;
            source.Rgb.Span.Slice(from * 3, part.Width * 3).CopyTo(rgb.AsSpan(y * part.Width * 3));
            source.Label.Span.Slice(from, part.Width).CopyTo(label.AsSpan(y * part.Width));
        }

        SegResize.Image(rgb, part.Height, part.Width, target.Rgb.Span, target.Height, target.Width);
        SegResize.Label(label, part.Height, part.Width, target.Label.Span, target.Height, target.Width);
    }
}
