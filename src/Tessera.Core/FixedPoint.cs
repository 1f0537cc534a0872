namespace Tessera.Core;

/// <summary>
/// Requantization in integers alone, as devices without floating point do it; <c>docs/arithmetic.md</c> specifies it. A factor is <c>m / 2^s</c> with m in 0..32767 and s in 0..38; float32 holds it
/// exactly, and its exponent tells s.
/// </summary>
public static class FixedPoint
{
    /// <summary>The largest m, and the largest factor.</summary>
    public const int MostMultiplier = short.MaxValue;

    /// <summary>The largest s.</summary>
    public const int MostShift = 38;

    /// <summary>Factors of residuals are at most this; then no sum needs more than 53 bits, and double computes what 64-bit integers do.</summary>
    public const float MostResidualMultiplier = 128;

    private const int MultiplierBits = 15;

    /// <summary>The shift of a factor: as large as leaves m 15 bits, <c>clamp(14 - ⌊log2 factor⌋, 0, 38)</c>.</summary>
    /// <param name="factor">A factor, not negative.</param>
    public static int ShiftOf(float factor) => factor == 0 ? MostShift : Math.Clamp(MultiplierBits - 1 - Math.ILogB(factor), 0, MostShift);

    /// <summary>The nearest factor <c>m / 2^s</c>, half to even; beyond the largest one the number itself as float32.</summary>
    /// <param name="factor">A number, not negative.</param>
    public static float Nearest(double factor) => factor >= MostMultiplier + 0.5 ? (float)factor : (float)Rounded(factor, ShiftOf((float)factor));

    /// <summary>Whether a number is a factor <c>m / 2^s</c>.</summary>
    public static bool Holds(float factor) => factor is >= 0 and <= MostMultiplier && Rounded(factor, ShiftOf(factor)) == factor;

    /// <summary>The least power of two that is not smaller than a positive, normal number.</summary>
    public static float PowerOfTwoFrom(float number)
    {
        float power = MathF.ScaleB(1, Math.ILogB(number));
        return power < number ? 2 * power : power;
    }

    /// <summary>A residual's factor on the shift of a channel: <c>rne(factor·2^s) / 2^s</c>, so that both products are added before the one shift.</summary>
    /// <param name="residualMultiplier">The factor.</param>
    /// <param name="multiplier">The channel's multiplier, whose shift it is.</param>
    public static double OnShiftOf(float residualMultiplier, float multiplier) => Rounded(residualMultiplier, ShiftOf(multiplier));

    /// <summary><c>clamp((acc·m + ⌊2^(s-1)⌋) &gt;&gt; s, low, 127)</c>.</summary>
    /// <remarks>Computed in double, which is exact here: everything is a whole multiple of 2^-s below 2^(53-s).</remarks>
    /// <param name="accumulator">The int32 sum, of a magnitude below 2^24.</param>
    /// <param name="multiplier">The channel's factor.</param>
    /// <param name="low">0 after a ReLU, else -128.</param>
    public static sbyte Requantize(int accumulator, float multiplier, int low) => RoundedClamped(accumulator * (double)multiplier, low);

    /// <summary><c>clamp((acc·m + qr·r + ⌊2^(s-1)⌋) &gt;&gt; s, low, 127)</c> with <c>r = rne(R·2^s)</c>.</summary>
    public static sbyte Requantize(int accumulator, float multiplier, sbyte residual, float residualMultiplier, int low) =>
        RoundedClamped((accumulator * (double)multiplier) + (residual * OnShiftOf(residualMultiplier, multiplier)), low);

    private static sbyte RoundedClamped(double value, int low) => (sbyte)Math.Clamp(Math.Floor(value + 0.5), low, Int8Arithmetic.Max);

    private static double Rounded(double number, int shift) => Math.ScaleB(Math.Round(Math.ScaleB(number, shift), MidpointRounding.ToEven), -shift);
}
