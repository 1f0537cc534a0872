using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Recipes;

namespace Tessera.Data;

/// <summary>Settings of <see cref="SegRandomAffine"/>; ranges have torchvision's meaning (<c>RandomAffine</c>).</summary>
public sealed record SegRandomAffineOptions
{
    /// <summary>The smallest scale factor; default 0.5.</summary>
    public double MinScale { get; init; } = 0.5;

    /// <summary>The largest scale factor; default 2.0.</summary>
    public double MaxScale { get; init; } = 2.0;

    /// <summary>The smallest rotation in degrees, clockwise; default 0.</summary>
    public double MinAngle { get; init; }

    /// <summary>The largest rotation in degrees; default 0.</summary>
    public double MaxAngle { get; init; }

    /// <summary>The largest shift to either side as a share of the width, 0 to 1; default 0. Shifts are whole pixels.</summary>
    public double TranslateX { get; init; }

    /// <summary>The largest shift up or down as a share of the height, 0 to 1; default 0.</summary>
    public double TranslateY { get; init; }

    /// <summary>The smallest shear parallel to the x axis in degrees, above -90; default 0.</summary>
    public double MinShearX { get; init; }

    /// <summary>The largest shear parallel to the x axis, below 90; default 0.</summary>
    public double MaxShearX { get; init; }

    /// <summary>The smallest shear parallel to the y axis in degrees, above -90; default 0.</summary>
    public double MinShearY { get; init; }

    /// <summary>The largest shear parallel to the y axis, below 90; default 0.</summary>
    public double MaxShearY { get; init; }

    /// <summary>One draw per image (default), or one per batch as HAT's batch-level transform has it (config key <c>per_image</c>).</summary>
    public bool PerImage { get; init; } = true;

    /// <summary>Reads the transform's keys. One draw for the whole batch is the default there, as in HAT.</summary>
    public static SegRandomAffineOptions Read(IKeyReader keys)
    {
        (double minScale, double maxScale) = keys.Range("scale", (0.5, 2), 0.05, 20);
        (double minAngle, double maxAngle) = ReadAngle(keys);
        keys.Settled("shear", "Tessera has a range for each axis: shear_x and shear_y.", "0", "null");
        keys.Settled("fill", "What comes from outside of the image is always black.", "0", "null");
        keys.Settled("interpolation", "Tessera always interpolates images bilinearly, and takes the nearest label.", "bilinear", "BILINEAR");
        keys.Settled("label_fill_value", "What comes from outside of the image is always ignored; HAT's 0 says that of a one-hot label.", "0", "-1", "255");
        ImmutableArray<double> shift = keys.Numbers("translate", [0, 0], 2, 0, 1);
        (double minX, double maxX) = keys.Range("shear_x", (0, 0), -80, 80);
        (double minY, double maxY) = keys.Range("shear_y", (0, 0), -80, 80);
        return new SegRandomAffineOptions
        {
            MinScale = minScale,
            MaxScale = maxScale,
            MinAngle = minAngle,
            MaxAngle = maxAngle,
            TranslateX = shift[0],
            TranslateY = shift[1],
            MinShearX = minX,
            MaxShearX = maxX,
            MinShearY = minY,
            MaxShearY = maxY,
            PerImage = keys.Flag("per_image", false),
        };
    }

    // HAT has torchvision's degrees: a range, or the largest angle to either side.
    private static (double Min, double Max) ReadAngle(IKeyReader keys)
    {
        const string Angle = "angle", Degrees = "degrees";
        if (!keys.GivenKeys.Contains(Degrees))
        {
            return keys.Range(Angle, (0, 0), -180, 180);
        }

        (double Min, double Max) degrees = keys.RangeOrLargest(Degrees, 180), angle = keys.Range(Angle, degrees, -180, 180);
        if (angle != degrees)
        {
            keys.Report(Degrees, "contradicts angle, which is the same. Remove one of them.");
        }

        keys.Idle(Degrees);
        return degrees;
    }
}

/// <summary>
/// HAT's SegRandomAffine: scale, rotation, translation and shear drawn uniformly, about the image centre, in one pass, the size
/// unchanged. With the default settings, the tutorial's, it only scales.
/// </summary>
/// <remarks>
/// The map is torchvision's; with the scale s alone pixel (x, y) takes its value from <c>(x + 0.5 - W/2) / s + W/2 - 0.5</c>, likewise
/// y. The image is bilinear, black outside, and multiplied by the resampled validity mask before it is rounded half to even, as
/// torchvision does with a fill value. The label is nearest (half to even), outside ignored. Positions are computed in double;
/// torchvision's float32 grid may pick the other of two pixels that are equally near. Draws, in this order: scale, angle, shift x,
/// shift y, shear x, shear y.
/// </remarks>
public sealed class SegRandomAffine : IAugmentation
{
    private readonly SegRandomAffineOptions _options;

    /// <summary>Creates the transform.</summary>
    /// <exception cref="UsageException">A range is empty or impossible.</exception>
    public SegRandomAffine(SegRandomAffineOptions options)
    {
        CheckRange("scale", options.MinScale, options.MaxScale, options.MinScale > 0 && double.IsFinite(options.MaxScale), "positive and rising");
        CheckRange("angle", options.MinAngle, options.MaxAngle, double.IsFinite(options.MinAngle) && double.IsFinite(options.MaxAngle), "rising degrees");
        CheckRange("x shear", options.MinShearX, options.MaxShearX, options.MinShearX > -90 && options.MaxShearX < 90, "rising, between -90 and 90 degrees");
        CheckRange("y shear", options.MinShearY, options.MaxShearY, options.MinShearY > -90 && options.MaxShearY < 90, "rising, between -90 and 90 degrees");
        CheckRange("shift", 0, options.TranslateX, options.TranslateX <= 1, "a share between 0 and 1");
        CheckRange("shift", 0, options.TranslateY, options.TranslateY <= 1, "a share between 0 and 1");
        _options = options;
    }

    /// <inheritdoc/>
    public bool PerImage => _options.PerImage;

    /// <inheritdoc/>
    public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random)
    {
        AffineParameters drawn = Draw(random, source.Height, source.Width);
        Image(source.Rgb.Span, target.Rgb.Span, source.Height, source.Width, drawn);
        Label(source.Label.Span, target.Label.Span, source.Height, source.Width, drawn);
    }

    /// <summary>Draws one change.</summary>
    /// <param name="random">The stream.</param>
    /// <param name="height">Rows of the image, of which shifts are a share.</param>
    /// <param name="width">Columns of the image.</param>
    public AffineParameters Draw(SplittableRandom random, int height, int width)
    {
        double scale = random.NextDouble(_options.MinScale, _options.MaxScale), angle = random.NextDouble(_options.MinAngle, _options.MaxAngle);
        double x = _options.TranslateX * width, y = _options.TranslateY * height;
        double shiftX = Math.Round(random.NextDouble(-x, x), MidpointRounding.ToEven), shiftY = Math.Round(random.NextDouble(-y, y), MidpointRounding.ToEven);
        return new AffineParameters(
            scale, angle, shiftX, shiftY, random.NextDouble(_options.MinShearX, _options.MaxShearX), random.NextDouble(_options.MinShearY, _options.MaxShearY));
    }

    /// <summary>Changes an interleaved RGB image about its centre; outside is black.</summary>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public static void Image(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, AffineParameters change)
    {
        BufferSize.Check(source, height, width, 3);
        BufferSize.Check(target, height, width, 3);
        if (change.IsSeparable)
        {
            BilinearImage.Sample(
                source, width, target, AxisTaps.ForCentredScale(height, change.Scale, change.TranslateY), AxisTaps.ForCentredScale(width, change.Scale, change.TranslateX));
        }
        else
        {
            AffineSampler.Image(source, target, height, width, change.Invert());
        }
    }

    /// <summary>Changes class indices about the image centre; pixels from outside become 255.</summary>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public static void Label(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, AffineParameters change)
    {
        BufferSize.Check(source, height, width, 1);
        BufferSize.Check(target, height, width, 1);
        if (!change.IsSeparable)
        {
            AffineSampler.Label(source, target, height, width, change.Invert());
            return;
        }

        int[] rows = Nearest(height, change.Scale, change.TranslateY), columns = Nearest(width, change.Scale, change.TranslateX);

        // Inside columns are one stretch, so that only it is looked up.
        int first = Array.FindIndex(columns, column => column >= 0), last = Array.FindLastIndex(columns, column => column >= 0);
        int previous = -1;
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = target.Slice(y * width, width);
            if (rows[y] < 0 || first < 0)
            {
                row.Fill(ClassTable.Ignore);
                continue;
            }

            if (y > 0 && rows[y] == previous)
            {
                target.Slice((y - 1) * width, width).CopyTo(row);
                continue;
            }

            previous = rows[y];
            ReadOnlySpan<byte> from = source.Slice(rows[y] * width, width);
            row[..first].Fill(ClassTable.Ignore);
            row[(last + 1)..].Fill(ClassTable.Ignore);
            for (int x = first; x <= last; x++)
            {
                row[x] = from[columns[x]];
            }
        }
    }

    /// <summary>The source index of each output index, -1 outside.</summary>
    private static int[] Nearest(int size, double scale, double shift)
    {
        var nearest = new int[size];
        for (int i = 0; i < size; i++)
        {
            double place = Math.Round(AxisTaps.CentredSource(i, size, scale, shift), MidpointRounding.ToEven);
            nearest[i] = place >= 0 && place < size ? (int)place : -1;
        }

        return nearest;
    }

    private static void CheckRange(string what, double min, double max, bool possible, string rule)
    {
        if (!possible || !(max >= min))
        {
            throw new UsageException(FormattableString.Invariant($"The {what} range of SegRandomAffine is {min}..{max}; it must be {rule}."));
        }
    }
}
