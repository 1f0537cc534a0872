namespace Tessera.Data;

/// <summary>torchvision's adjust_brightness, adjust_contrast, adjust_saturation and adjust_hue of byte images, in place.</summary>
/// <remarks>
/// A blend is <c>factor·pixel + (1 - factor)·other</c> in float32, clamped to 0..255 and cut to a byte. Since pixels are bytes, its two
/// products are tables; the values are exactly those of the formula.
/// </remarks>
public static class ColourAdjustment
{
    private static readonly float[] RedShare = Table(0.2989f);
    private static readonly float[] GreenShare = Table(0.587f);
    private static readonly float[] BlueShare = Table(0.114f);

    /// <summary>Blends with black.</summary>
    /// <param name="rgb">Interleaved RGB bytes.</param>
    /// <param name="factor">0 or more; 1 changes nothing.</param>
    public static void Brightness(Span<byte> rgb, double factor) => BlendWithOneLevel(rgb, factor, 0);

    /// <summary>Blends with the mean gray of the image.</summary>
    /// <param name="rgb">Interleaved RGB bytes.</param>
    /// <param name="factor">0 or more; 1 changes nothing.</param>
    public static void Contrast(Span<byte> rgb, double factor)
    {
        long sum = 0;
        for (int i = 0; i + 2 < rgb.Length; i += 3)
        {
            sum += Gray(rgb[i], rgb[i + 1], rgb[i + 2]);
        }

        BlendWithOneLevel(rgb, factor, (float)(sum / (double)(rgb.Length / 3)));
    }

    /// <summary>Blends each pixel with its own gray.</summary>
    /// <param name="rgb">Interleaved RGB bytes.</param>
    /// <param name="factor">0 or more; 1 changes nothing, 0 gives gray.</param>
    public static void Saturation(Span<byte> rgb, double factor)
    {
        float[] own = Table((float)factor), gray = Table((float)(1 - factor));
        for (int i = 0; i + 2 < rgb.Length; i += 3)
        {
            float level = gray[Gray(rgb[i], rgb[i + 1], rgb[i + 2])];
            rgb[i] = ToByte(own[rgb[i]] + level);
            rgb[i + 1] = ToByte(own[rgb[i + 1]] + level);
            rgb[i + 2] = ToByte(own[rgb[i + 2]] + level);
        }
    }

    /// <summary>Turns the hue of each pixel.</summary>
    /// <param name="rgb">Interleaved RGB bytes.</param>
    /// <param name="turn">-0.5 to 0.5 of a full circle.</param>
    public static void Hue(Span<byte> rgb, double turn)
    {
        for (int i = 0; i + 2 < rgb.Length; i += 3)
        {
            (rgb[i], rgb[i + 1], rgb[i + 2]) = Turn(rgb[i] / 255f, rgb[i + 1] / 255f, rgb[i + 2] / 255f, (float)turn);
        }
    }

    private static (byte Red, byte Green, byte Blue) Turn(float r, float g, float b, float turn)
    {
        // To hue, saturation, value.
        float value = MathF.Max(r, MathF.Max(g, b)), chroma = value - MathF.Min(r, MathF.Min(g, b));
        float saturation = chroma == 0 ? 0 : chroma / value, divisor = chroma == 0 ? 1 : chroma;
        float red = (value - r) / divisor, green = (value - g) / divisor, blue = (value - b) / divisor;
        float sixths = value == r ? blue - green : value == g ? 2 + red - blue : 4 + green - red;
        float hue = ((sixths / 6) + 1) % 1f;

        // A remainder with the sign of the divisor, as Python's.
        hue = (hue + turn) % 1f;
        hue = hue < 0 ? hue + 1 : hue;

        // And back.
        float sector = MathF.Floor(hue * 6), fraction = (hue * 6) - sector;
        float p = Unit(value * (1 - saturation)), q = Unit(value * (1 - (saturation * fraction))), t = Unit(value * (1 - (saturation * (1 - fraction))));
        (float newRed, float newGreen, float newBlue) = ((int)sector % 6) switch
        {
            0 => (value, t, p),
            1 => (q, value, p),
            2 => (p, value, t),
            3 => (p, q, value),
            4 => (t, p, value),
            _ => (value, p, q),
        };
        return (Level(newRed), Level(newGreen), Level(newBlue));
    }

    private static float Unit(float value) => Math.Clamp(value, 0f, 1f);

    /// <summary>torchvision's convert_image_dtype: all 256 levels get equally long stretches of 0..1.</summary>
    private static byte Level(float unit) => (byte)(unit * (255 + 1 - 1e-3f));

    private static void BlendWithOneLevel(Span<byte> rgb, double factor, float other)
    {
        float[] own = Table((float)factor);
        float rest = (float)(1 - factor) * other;
        var blended = new byte[256];
        for (int level = 0; level < 256; level++)
        {
            blended[level] = ToByte(own[level] + rest);
        }

        for (int i = 0; i < rgb.Length; i++)
        {
            rgb[i] = blended[rgb[i]];
        }
    }

    private static int Gray(byte red, byte green, byte blue) => (int)(RedShare[red] + GreenShare[green] + BlueShare[blue]);

    private static byte ToByte(float value) => (byte)Math.Clamp(value, 0f, 255f);

    private static float[] Table(float factor)
    {
        var table = new float[256];
        for (int level = 0; level < 256; level++)
        {
            table[level] = factor * level;
        }

        return table;
    }
}
