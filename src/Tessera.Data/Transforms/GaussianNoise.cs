using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Settings of <see cref="GaussianNoise"/>.</summary>
public sealed record GaussianNoiseOptions
{
    /// <summary>The smallest standard deviation in gray levels; default 0.</summary>
    public double MinStd { get; init; }

    /// <summary>The largest; default 10.</summary>
    public double MaxStd { get; init; } = 10;

    /// <summary>The probability that an image is changed at all; default 0.5.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>One strength per image (default), or one for the batch, whose images then get the same noise too.</summary>
    public bool PerImage { get; init; } = true;

    /// <summary>Reads the transform's keys.</summary>
    public static GaussianNoiseOptions Read(IKeyReader keys)
    {
        (double min, double max) = keys.Range("std", (0, 10), 0, 255);
        return new GaussianNoiseOptions { MinStd = min, MaxStd = max, Probability = keys.Number("probability", 0.5, 0, 1), PerImage = keys.Flag("per_image", true) };
    }
}

/// <summary>Adds noise of a camera in the dark: to each byte of the image a normal draw of its own, rounded and cut to a byte. Labels stay.</summary>
public sealed class GaussianNoise : IAugmentation
{
    private readonly GaussianNoiseOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public GaussianNoise(GaussianNoiseOptions options)
    {
        Probability.Check(nameof(GaussianNoise), options.Probability);
        Probability.CheckRange(nameof(GaussianNoise), "std", options.MinStd, options.MaxStd, 0, 255);
        _options = options;
    }

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        source.Label.Span.CopyTo(target.Label.Span);
        ReadOnlySpan<byte> from = source.Rgb.Span;
        Span<byte> to = target.Rgb.Span;
        if (random.NextDouble() >= _options.Probability)
        {
            from.CopyTo(to);
            return;
        }

        double std = random.NextDouble(_options.MinStd, _options.MaxStd);
        for (int i = 0; i < from.Length; i += 2)
        {
            // Two draws make two independent normal ones (Box and Muller, 1958); 1 − u is never 0.
            double radius = std * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), turn = 2 * Math.PI * random.NextDouble();
            to[i] = Noisy(from[i], radius * Math.Cos(turn));
            if (i + 1 < from.Length)
            {
                to[i + 1] = Noisy(from[i + 1], radius * Math.Sin(turn));
            }
        }
    }

    private static byte Noisy(byte value, double noise) => (byte)Math.Clamp(Math.Round(value + noise, MidpointRounding.ToEven), 0, 255);
}
