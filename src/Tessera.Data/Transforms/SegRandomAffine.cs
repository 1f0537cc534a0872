using Tessera.Core;

namespace Tessera.Data;

/// <summary>Settings of <see cref="SegRandomAffine"/>.</summary>
public sealed record SegRandomAffineOptions
{
    /// <summary>The smallest scale factor; default 0.5.</summary>
    public double MinScale { get; init; } = 0.5;

    /// <summary>The largest scale factor; default 2.0.</summary>
    public double MaxScale { get; init; } = 2.0;

    /// <summary>One draw per image (default), or one per batch as HAT's batch-level transform has it (config key <c>per_image</c>).</summary>
    public bool PerImage { get; init; } = true;
}

/// <summary>
/// HAT's SegRandomAffine with the tutorial's settings: a scale drawn uniformly, about the image centre, the size unchanged.
/// </summary>
/// <remarks>
/// Pixel (x, y) takes its value from <c>(x + 0.5 - W/2) / s + W/2 - 0.5</c>, likewise y. The image is bilinear, black outside, and
/// multiplied by the resampled validity mask before it is rounded half to even, as torchvision does with a fill value. The label is
/// nearest (half to even), outside ignored. Positions are computed in double; torchvision's float32 grid may pick the other of two
/// pixels that are equally near.
/// </remarks>
public sealed class SegRandomAffine : IAugmentation
{
    private readonly SegRandomAffineOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">The scale range is empty or not positive.</exception>
    public SegRandomAffine(SegRandomAffineOptions options)
    {
        if (!(options.MinScale > 0) || !(options.MaxScale >= options.MinScale) || double.IsInfinity(options.MaxScale))
        {
            throw new UsageException($"The scale range of SegRandomAffine is {options.MinScale}..{options.MaxScale}; it must be positive and rising.");
        }

        _options = options;
    }

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        double scale = _options.MinScale + ((_options.MaxScale - _options.MinScale) * random.NextDouble());
        Image(source.Rgb.Span, target.Rgb.Span, source.Height, source.Width, scale);
        Label(source.Label.Span, target.Label.Span, source.Height, source.Width, scale);
    }

    /// <summary>Scales an interleaved RGB image about its centre.</summary>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public static void Image(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, double scale)
    {
        BufferSize.Check(source, height, width, 3);
        BufferSize.Check(target, height, width, 3);
        BilinearImage.Sample(source, width, target, AxisTaps.ForCentredScale(height, scale), AxisTaps.ForCentredScale(width, scale));
    }

    /// <summary>Scales class indices about the image centre; pixels from outside become 255.</summary>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public static void Label(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, double scale)
    {
        BufferSize.Check(source, height, width, 1);
        BufferSize.Check(target, height, width, 1);
        int[] rows = Nearest(height, scale), columns = Nearest(width, scale);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = target.Slice(y * width, width);
            if (rows[y] < 0)
            {
                row.Fill(ClassTable.Ignore);
                continue;
            }

            ReadOnlySpan<byte> from = source.Slice(rows[y] * width, width);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = columns[x] < 0 ? ClassTable.Ignore : from[columns[x]];
            }
        }
    }

    /// <summary>The source index of each output index, -1 outside.</summary>
    private static int[] Nearest(int size, double scale)
    {
        var nearest = new int[size];
        for (int i = 0; i < size; i++)
        {
            double place = Math.Round(AxisTaps.CentredSource(i, size, scale), MidpointRounding.ToEven);
            nearest[i] = place >= 0 && place < size ? (int)place : -1;
        }

        return nearest;
    }
}
