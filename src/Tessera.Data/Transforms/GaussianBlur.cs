using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Settings of <see cref="GaussianBlur"/>.</summary>
public sealed record GaussianBlurOptions
{
    /// <summary>The largest standard deviation that can be set, in pixels.</summary>
    internal const double MostSigma = 20;

    /// <summary>The smallest standard deviation in pixels, above 0; default 0.1.</summary>
    public double MinSigma { get; init; } = 0.1;

    /// <summary>The largest; default 2.</summary>
    public double MaxSigma { get; init; } = 2;

    /// <summary>The probability that an image is changed at all; default 0.5.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>One draw per image (default), or one per batch.</summary>
    public bool PerImage { get; init; } = true;

    /// <summary>Reads the transform's keys.</summary>
    public static GaussianBlurOptions Read(IKeyReader keys)
    {
        (double min, double max) = keys.Range("sigma", (0.1, 2), 0.01, MostSigma);
        return new GaussianBlurOptions { MinSigma = min, MaxSigma = max, Probability = keys.Number("probability", 0.5, 0, 1), PerImage = keys.Flag("per_image", true) };
    }
}

/// <summary>Blurs the image with a Gaussian kernel of random width, as a lens out of focus or rain on it does. Labels stay.</summary>
/// <remarks>The kernel reaches three standard deviations and sums to 1; beyond the border the image is mirrored without its last pixel. Rows, then columns, in float32; rounded half to even.</remarks>
public sealed class GaussianBlur : IAugmentation
{
    private readonly GaussianBlurOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public GaussianBlur(GaussianBlurOptions options)
    {
        Probability.Check(nameof(GaussianBlur), options.Probability);
        Probability.CheckRange(nameof(GaussianBlur), "sigma", options.MinSigma, options.MaxSigma, 1e-3, GaussianBlurOptions.MostSigma);
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

        Blur(source.Rgb.Span, target.Rgb.Span, source.Height, source.Width, random.NextDouble(_options.MinSigma, _options.MaxSigma));
    }

    /// <summary>Blurs interleaved RGB bytes.</summary>
    /// <param name="source">height·width·3 bytes.</param>
    /// <param name="target">Receives as many.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="sigma">The standard deviation in pixels.</param>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public static void Blur(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, double sigma)
    {
        BufferSize.Check(source, height, width, 3);
        BufferSize.Check<byte>(target, height, width, 3);
        float[] kernel = Kernel(sigma), rows = new float[source.Length], sum = new float[width * 3];
        int reach = kernel.Length / 2, stride = width * 3;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int k = -reach; k <= reach; k++)
                {
                    int from = (y * stride) + (Mirrored(x + k, width) * 3), to = (y * stride) + (x * 3);
                    float factor = kernel[k + reach];
                    rows[to] += factor * source[from];
                    rows[to + 1] += factor * source[from + 1];
                    rows[to + 2] += factor * source[from + 2];
                }
            }
        }

        for (int y = 0; y < height; y++)
        {
            Array.Clear(sum);
            for (int k = -reach; k <= reach; k++)
            {
                ReadOnlySpan<float> row = rows.AsSpan(Mirrored(y + k, height) * stride, stride);
                for (int i = 0; i < stride; i++)
                {
                    sum[i] += kernel[k + reach] * row[i];
                }
            }

            for (int i = 0; i < stride; i++)
            {
                target[(y * stride) + i] = (byte)Math.Clamp(MathF.Round(sum[i], MidpointRounding.ToEven), 0, 255);
            }
        }
    }

    private static float[] Kernel(double sigma)
    {
        int reach = (int)Math.Ceiling(3 * sigma);
        double[] values = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(k => Math.Exp(-k * k / (2 * sigma * sigma)))];
        double total = values.Sum();
        return [.. values.Select(value => (float)(value / total))];
    }

    // 0 1 2 3 | 2 1 0 1 2 …, for a place however far outside.
    private static int Mirrored(int place, int size)
    {
        int period = Math.Max(1, 2 * (size - 1)), inside = ((place % period) + period) % period;
        return Math.Min(inside, period - inside) % size;
    }
}
