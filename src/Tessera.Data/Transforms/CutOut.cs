using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Settings of <see cref="CutOut"/>; the defaults are torchvision's for RandomErasing.</summary>
public sealed record CutOutOptions
{
    /// <summary>The probability that something is cut out; default 0.5.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>The smallest hole as a share of the image's area; default 0.02.</summary>
    public double MinArea { get; init; } = 0.02;

    /// <summary>The largest hole; default 0.33.</summary>
    public double MaxArea { get; init; } = 0.33;

    /// <summary>The smallest width/height of the hole; default 0.3.</summary>
    public double MinRatio { get; init; } = 0.3;

    /// <summary>The largest width/height of the hole; default 3.3.</summary>
    public double MaxRatio { get; init; } = 3.3;

    /// <summary>The gray level that fills the hole; default 0, black.</summary>
    public byte Fill { get; init; }

    /// <summary>Whether the hole's label is ignored (default); else the network must guess what it hides.</summary>
    public bool IgnoreLabel { get; init; } = true;

    /// <summary>One draw per image (default), or one per batch.</summary>
    public bool PerImage { get; init; } = true;

    /// <summary>Reads the transform's keys.</summary>
    public static CutOutOptions Read(IKeyReader keys)
    {
        double probability = keys.Number("probability", 0.5, 0, 1);
        (double minArea, double maxArea) = keys.Range("area", (0.02, 0.33), 0, 1);
        (double minRatio, double maxRatio) = keys.Range("ratio", (0.3, 3.3), 0.01, 100);
        return new CutOutOptions
        {
            Probability = probability,
            MinArea = minArea,
            MaxArea = maxArea,
            MinRatio = minRatio,
            MaxRatio = maxRatio,
            Fill = (byte)keys.Int("fill", 0, 0, 255),
            IgnoreLabel = keys.Flag("ignore_label", true),
            PerImage = keys.Flag("per_image", true),
        };
    }
}

/// <summary>Cuts a random rectangle out of the image (torchvision's RandomErasing), so that the network must use the rest.</summary>
public sealed class CutOut : IAugmentation
{
    private readonly CutOutOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public CutOut(CutOutOptions options)
    {
        Data.Probability.Check(nameof(CutOut), options.Probability);
        Data.Probability.CheckRange(nameof(CutOut), "area", options.MinArea, options.MaxArea, 0, 1);
        Data.Probability.CheckRange(nameof(CutOut), "ratio", options.MinRatio, options.MaxRatio, 1e-3, 1e3);
        _options = options;
    }

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        source.Rgb.Span.CopyTo(target.Rgb.Span);
        source.Label.Span.CopyTo(target.Label.Span);
        if (random.NextDouble() >= _options.Probability
            || ImageRectangle.Draw(random, source.Height, source.Width, _options.MinArea, _options.MaxArea, _options.MinRatio, _options.MaxRatio) is not { } hole)
        {
            return;
        }

        for (int y = hole.Top; y < hole.Top + hole.Height; y++)
        {
            int start = (y * source.Width) + hole.Left;
            target.Rgb.Span.Slice(start * 3, hole.Width * 3).Fill(_options.Fill);
            if (_options.IgnoreLabel)
            {
                target.Label.Span.Slice(start, hole.Width).Fill(ClassTable.Ignore);
            }
        }
    }
}
