namespace Tessera.Imaging;

/// <summary>
/// Bilinear sampling along one axis: output i = <c>Weight0[i]·source[First[i]] + Weight1[i]·source[Second[i]]</c>.
/// A two-dimensional bilinear sample is the product of two of these; <see cref="BilinearRow"/> applies them. Immutable.
/// </summary>
public sealed class AxisTaps
{
    // Nobody else may write them: BilinearRow reads memory at these indices without a check of its own.
    private readonly int[] _first, _second;
    private readonly float[] _weight0, _weight1;

    private AxisTaps(int source, int length, bool adjacent)
    {
        Source = source;
        IsAdjacent = adjacent;
        _first = new int[length];
        _second = new int[length];
        _weight0 = new float[length];
        _weight1 = new float[length];
    }

    /// <summary>Values in the source; all indices lie below.</summary>
    public int Source { get; }

    /// <summary>For each output the index of its first source value, within the source.</summary>
    public ReadOnlySpan<int> First => _first;

    /// <summary>For each output the index of its second source value, within the source.</summary>
    public ReadOnlySpan<int> Second => _second;

    /// <summary>The share of the first source value, 0..1.</summary>
    public ReadOnlySpan<float> Weight0 => _weight0;

    /// <summary>The share of the second source value, 0..1; with <see cref="Weight0"/> at most 1.</summary>
    public ReadOnlySpan<float> Weight1 => _weight1;

    /// <summary>Number of outputs.</summary>
    public int Length => _first.Length;

    /// <summary>Whether every second index is the one behind the first, or both are the last one.</summary>
    internal bool IsAdjacent { get; }

    /// <summary>
    /// Half-pixel centres, edges clamped, no antialiasing, in float32: the indices and weights of ATen's upsample_bilinear2d
    /// with align_corners = false. <see cref="Second"/> is the index behind <see cref="First"/>, or the last one.
    /// </summary>
    /// <param name="source">Values in the source, at least 1.</param>
    /// <param name="target">Outputs, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static AxisTaps ForResize(int source, int target) => ForResize(source, source, target);

    /// <summary>The same for an axis whose outputs span <paramref name="extent"/> of the source's values, which may end within the last one.</summary>
    /// <remarks>The chroma plane of a picture of odd width has such an axis: its last value covers one column of the picture, the others two.</remarks>
    /// <param name="source">Values in the source, at least 1.</param>
    /// <param name="extent">What the outputs span, in source values; above 0.</param>
    /// <param name="target">Outputs, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static AxisTaps ForResize(int source, float extent, int target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(target, 1);
        if (!float.IsFinite(extent) || extent <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(extent), extent, "What the outputs span is a finite number above 0.");
        }

        var taps = new AxisTaps(source, target, adjacent: true);
        float scale = extent / target;
        for (int i = 0; i < target; i++)
        {
            float place = MathF.Max((scale * (i + 0.5f)) - 0.5f, 0);
            int first = Math.Min((int)place, source - 1);
            float weight = Math.Clamp(place - first, 0, 1);
            taps.Set(i, first, Math.Min(first + 1, source - 1), 1 - weight, weight);
        }

        return taps;
    }

    /// <summary>
    /// Scaling about the centre and a shift by so many pixels, zero outside. The weights are multiplied by their own sum, torchvision's validity mask:
    /// a sample half outside has weight 1/2 and counts 1/4.
    /// </summary>
    /// <param name="size">Values in the source and outputs, at least 1.</param>
    /// <param name="scale">The magnification, above 0.</param>
    /// <param name="shift">How far the scaled axis moves, in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive, or the scale no finite number above 0, or the shift not finite.</exception>
    public static AxisTaps ForCentredScale(int size, double scale, double shift)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (!double.IsFinite(scale) || scale <= 0 || !double.IsFinite(shift))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), $"An axis is scaled by a finite number above 0 and shifted by a finite one; received {scale} and {shift}.");
        }

        var taps = new AxisTaps(size, size, adjacent: false);
        for (int i = 0; i < size; i++)
        {
            double place = CentredSource(i, size, scale, shift), floor = Math.Floor(place);
            float weight = (float)(place - floor);
            bool inside0 = floor >= 0 && floor < size, inside1 = floor + 1 >= 0 && floor + 1 < size;
            float weight0 = inside0 ? 1 - weight : 0, weight1 = inside1 ? weight : 0, mask = weight0 + weight1;
            taps.Set(i, inside0 ? (int)floor : 0, inside1 ? (int)floor + 1 : 0, weight0 * mask, weight1 * mask);
        }

        return taps;
    }

    /// <summary>The source position of output <paramref name="i"/> when an axis is scaled about its centre and then shifted, in pixel indices.</summary>
    /// <param name="i">The output.</param>
    /// <param name="size">Values in the source and outputs.</param>
    /// <param name="scale">The magnification, above 0.</param>
    /// <param name="shift">How far the scaled axis moves, in pixels.</param>
    public static double CentredSource(int i, int size, double scale, double shift) => ((i + 0.5 - (size * 0.5) - shift) / scale) + (size * 0.5) - 0.5;

    /// <summary>The same outputs in pairs: output i of the result is output <c>i &amp; ~1</c> of this one.</summary>
    public AxisTaps Paired()
    {
        var taps = new AxisTaps(Source, Length, IsAdjacent);
        for (int i = 0; i < Length; i++)
        {
            int even = i & ~1;
            taps.Set(i, First[even], Second[even], Weight0[even], Weight1[even]);
        }

        return taps;
    }

    private void Set(int i, int first, int second, float weight0, float weight1) =>
        (_first[i], _second[i], _weight0[i], _weight1[i]) = (first, second, weight0, weight1);
}
