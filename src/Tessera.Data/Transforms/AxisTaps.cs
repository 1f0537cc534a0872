namespace Tessera.Data;

/// <summary>
/// Bilinear sampling along one axis: output i = <c>Weight0[i]·source[First[i]] + Weight1[i]·source[Second[i]]</c>.
/// A two-dimensional bilinear sample is the product of two of these.
/// </summary>
internal sealed class AxisTaps
{
    private AxisTaps(int length)
    {
        First = new int[length];
        Second = new int[length];
        Weight0 = new float[length];
        Weight1 = new float[length];
    }

    public int[] First { get; }

    public int[] Second { get; }

    public float[] Weight0 { get; }

    public float[] Weight1 { get; }

    public int Length => First.Length;

    /// <summary>
    /// Half-pixel centres, edges clamped, no antialiasing, in float32: the indices and weights of ATen's upsample_bilinear2d
    /// with align_corners = false.
    /// </summary>
    public static AxisTaps ForResize(int source, int target)
    {
        var taps = new AxisTaps(target);
        float scale = (float)source / target;
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
    public static AxisTaps ForCentredScale(int size, double scale, double shift)
    {
        var taps = new AxisTaps(size);
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
    public static double CentredSource(int i, int size, double scale, double shift) => ((i + 0.5 - (size * 0.5) - shift) / scale) + (size * 0.5) - 0.5;

    private void Set(int i, int first, int second, float weight0, float weight1) =>
        (First[i], Second[i], Weight0[i], Weight1[i]) = (first, second, weight0, weight1);
}
