namespace Tessera.Synthetic;

/// <summary>
/// Functions made of additions, multiplications, divisions and comparisons alone. IEEE 754 defines those to the last bit and the
/// compiler neither reorders nor fuses them, whereas Math.Sin, Exp and Pow come from the platform's library and may differ in it.
/// </summary>
internal static class ExactMath
{
    /// <summary>Sine and cosine of an angle in turns (1 = a full circle), by Taylor polynomials; the error is below 1e-6.</summary>
    public static (float Sin, float Cos) SinCos(float turns)
    {
        double whole = turns - Math.Floor(turns);
        int quadrant = (int)((whole * 4) + 0.5);
        double a = (whole - (quadrant * 0.25)) * (2 * Math.PI), b = a * a;
        double sin = a * (1 - (b / 6 * (1 - (b / 20 * (1 - (b / 42 * (1 - (b / 72))))))));
        double cos = 1 - (b / 2 * (1 - (b / 12 * (1 - (b / 30 * (1 - (b / 56)))))));
        return (quadrant & 3) switch
        {
            0 => ((float)sin, (float)cos),
            1 => ((float)cos, (float)-sin),
            2 => ((float)-sin, (float)-cos),
            _ => ((float)-cos, (float)sin),
        };
    }

    /// <summary>0 below 0, 1 above 1, the value between.</summary>
    public static float Clamp01(float value) => value < 0 ? 0 : value > 1 ? 1 : value;

    /// <summary>Falls like exp(-x) for x of at least 0: 1 at 0, monotone, towards 0.</summary>
    public static float Decay(float x) => 1 / (1 + (x * (1 + (x * (0.5f + (x * 0.1666667f))))));

    /// <summary>The part of a number behind the point, 0..1, also of negative numbers.</summary>
    public static float Fraction(float value) => value - MathF.Floor(value);
}
