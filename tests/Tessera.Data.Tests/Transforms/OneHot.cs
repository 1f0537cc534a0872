namespace Tessera.Data.Tests.Transforms;

/// <summary>
/// The one-hot formulation of the label transforms, as HAT has it: a float plane per class, sampled, made whole numbers, and read back
/// as indices. Plain loops, written apart from the code under test.
/// </summary>
internal static class OneHot
{
    private const int Classes = 19;

    /// <summary>Bilinear to a size, rounded half to even: torchvision's Resize of an integer tensor.</summary>
    public static byte[] Resize(byte[] label, int height, int width, int targetHeight, int targetWidth) =>
        PerClass(label, targetHeight * targetWidth, plane => Interpolate(plane, height, width, targetHeight, targetWidth), value => MathF.Round(value, MidpointRounding.ToEven));

    /// <summary>Bilinear by 1/stride, cut to integers: HAT's Scale.</summary>
    public static byte[] Shrink(byte[] label, int height, int width, int stride) =>
        PerClass(label, height / stride * (width / stride), plane => Interpolate(plane, height, width, height / stride, width / stride), MathF.Truncate);

    /// <summary>Nearest through a map from output to source, zero outside: torchvision's affine with its fill of 0.</summary>
    public static byte[] Affine(byte[] label, int height, int width, Func<double, double, (double X, double Y)> toSource) => PerClass(label, height * width, plane =>
    {
        var result = new float[height * width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (double fromX, double fromY) = toSource(x, y);
                int row = (int)Math.Round(fromY, MidpointRounding.ToEven), column = (int)Math.Round(fromX, MidpointRounding.ToEven);
                bool inside = row >= 0 && row < height && column >= 0 && column < width;
                result[(y * width) + x] = inside ? plane[(row * width) + column] : 0;
            }
        }

        return result;
    }, value => value);

    private static byte[] PerClass(byte[] label, int resultLength, Func<float[], float[]> sample, Func<float, float> toWhole)
    {
        var result = new byte[resultLength];
        Array.Fill(result, (byte)255);
        for (byte c = 0; c < Classes; c++)
        {
            float[] sampled = sample([.. label.Select(value => value == c ? 1f : 0f)]);
            for (int i = 0; i < resultLength; i++)
            {
                if (toWhole(sampled[i]) == 1)
                {
                    Assert.Equal(255, result[i]);
                    result[i] = c;
                }
            }
        }

        return result;
    }

    private static float[] Interpolate(float[] plane, int height, int width, int targetHeight, int targetWidth)
    {
        var result = new float[targetHeight * targetWidth];
        for (int y = 0; y < targetHeight; y++)
        {
            (int top, int bottom, float down) = Taps(y, height, targetHeight);
            for (int x = 0; x < targetWidth; x++)
            {
                (int left, int right, float over) = Taps(x, width, targetWidth);
                float upper = ((1 - over) * plane[(top * width) + left]) + (over * plane[(top * width) + right]);
                float lower = ((1 - over) * plane[(bottom * width) + left]) + (over * plane[(bottom * width) + right]);
                result[(y * targetWidth) + x] = ((1 - down) * upper) + (down * lower);
            }
        }

        return result;
    }

    private static (int First, int Second, float Weight) Taps(int i, int source, int target)
    {
        float place = (((float)source / target) * (i + 0.5f)) - 0.5f;
        place = place < 0 ? 0 : place;
        int first = (int)place;
        int second = first < source - 1 ? first + 1 : first;
        return (first, second, place - first);
    }
}
