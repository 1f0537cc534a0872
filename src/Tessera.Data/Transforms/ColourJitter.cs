using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Settings of <see cref="ColourJitter"/>, with torchvision's meaning; 0 leaves a property alone.</summary>
public sealed record ColourJitterOptions
{
    /// <summary>Brightness is multiplied by a factor from max(0, 1 - b) to 1 + b; default 0.</summary>
    public double Brightness { get; init; }

    /// <summary>Contrast likewise; default 0.</summary>
    public double Contrast { get; init; }

    /// <summary>Saturation likewise; default 0.</summary>
    public double Saturation { get; init; }

    /// <summary>Hue is turned by -h to h of a full circle, 0 to 0.5; default 0. Costs more than the others.</summary>
    public double Hue { get; init; }

    /// <summary>The probability that an image is changed at all; default 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>One draw per image (default), or one per batch.</summary>
    public bool PerImage { get; init; } = true;

    /// <summary>Reads the transform's keys.</summary>
    public static ColourJitterOptions Read(IKeyReader keys) => new()
    {
        Brightness = keys.Number("brightness", 0, 0, 10),
        Contrast = keys.Number("contrast", 0, 0, 10),
        Saturation = keys.Number("saturation", 0, 0, 10),
        Hue = keys.Number("hue", 0, 0, 0.5),
        Probability = keys.Number("probability", 1, 0, 1),
        PerImage = keys.Flag("per_image", true),
    };
}

/// <summary>torchvision's ColorJitter on bytes: brightness, contrast, saturation and hue by random factors, in a random order. Labels stay.</summary>
/// <remarks>Every step blends in float32 and cuts to a byte, as torchvision does. Draws: whether at all, the order, then a factor per step.</remarks>
public sealed class ColourJitter : IAugmentation
{
    private readonly ColourJitterOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public ColourJitter(ColourJitterOptions options)
    {
        Data.Probability.Check(nameof(ColourJitter), options.Probability);
        Check("brightness", options.Brightness, double.MaxValue);
        Check("contrast", options.Contrast, double.MaxValue);
        Check("saturation", options.Saturation, double.MaxValue);
        Check("hue", options.Hue, 0.5);
        _options = options;
    }

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        Span<byte> rgb = target.Rgb.Span;
        source.Rgb.Span.CopyTo(rgb);
        source.Label.Span.CopyTo(target.Label.Span);
        if (random.NextDouble() >= _options.Probability)
        {
            return;
        }

        Span<int> order = [0, 1, 2, 3];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        double brightness = Factor(random, _options.Brightness), contrast = Factor(random, _options.Contrast), saturation = Factor(random, _options.Saturation);
        double hue = random.NextDouble(-_options.Hue, _options.Hue);
        foreach (int step in order)
        {
            switch (step)
            {
                case 0 when _options.Brightness > 0:
                    ColourAdjustment.Brightness(rgb, brightness);
                    break;
                case 1 when _options.Contrast > 0:
                    ColourAdjustment.Contrast(rgb, contrast);
                    break;
                case 2 when _options.Saturation > 0:
                    ColourAdjustment.Saturation(rgb, saturation);
                    break;
                case 3 when _options.Hue > 0:
                    ColourAdjustment.Hue(rgb, hue);
                    break;
            }
        }
    }

    private static double Factor(SplittableRandom random, double range) => random.NextDouble(Math.Max(0, 1 - range), 1 + range);

    private static void Check(string what, double value, double highest)
    {
        if (!(value >= 0 && value <= highest))
        {
            throw new UsageException(FormattableString.Invariant($"The {what} of ColourJitter is {value}; it must be 0 or more{(highest < 1 ? $", at most {highest}" : "")}."));
        }
    }
}
