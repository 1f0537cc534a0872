using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Settings of <see cref="JpegCompression"/>.</summary>
public sealed record JpegCompressionOptions
{
    /// <summary>The smallest quality, 1 to 100; default 30.</summary>
    public int MinQuality { get; init; } = 30;

    /// <summary>The largest; default 95.</summary>
    public int MaxQuality { get; init; } = 95;

    /// <summary>The probability that an image is changed at all; default 0.5.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>One draw per image (default), or one per batch.</summary>
    public bool PerImage { get; init; } = true;

    /// <summary>Reads the transform's keys.</summary>
    public static JpegCompressionOptions Read(IKeyReader keys)
    {
        ImmutableArray<int> quality = keys.Ints("quality", [30, 95], 2, 1, 100);
        if (quality[0] > quality[1])
        {
            keys.Report("quality", $"is [{quality[0]}, {quality[1]}]; the first value must not be larger than the second.");
            quality = [30, 95];
        }

        return new JpegCompressionOptions { MinQuality = quality[0], MaxQuality = quality[1], Probability = keys.Number("probability", 0.5, 0, 1), PerImage = keys.Flag("per_image", true) };
    }
}

/// <summary>Stores the image as a JPEG of random quality and reads it again, as images from a video link look. Labels stay.</summary>
public sealed class JpegCompression : IAugmentation
{
    private readonly JpegCompressionOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public JpegCompression(JpegCompressionOptions options)
    {
        Probability.Check(nameof(JpegCompression), options.Probability);
        Probability.CheckRange(nameof(JpegCompression), "quality", options.MinQuality, options.MaxQuality, 1, 100);
        _options = options;
    }

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        source.Label.Span.CopyTo(target.Label.Span);
        if (random.NextDouble() >= _options.Probability)
        {
            source.Rgb.Span.CopyTo(target.Rgb.Span);
            return;
        }

        int quality = _options.MinQuality + random.Next(_options.MaxQuality - _options.MinQuality + 1);
        byte[] jpeg = SkiaImages.EncodeJpeg(source.Rgb.Span, source.Height, source.Width, swapRedBlue: false, quality);
        ImageFile.DecodeRgb(jpeg, nameof(JpegCompression), ImageLimit.LargestMegapixels).Pixels.AsSpan(0, source.Rgb.Length).CopyTo(target.Rgb.Span);
    }
}
