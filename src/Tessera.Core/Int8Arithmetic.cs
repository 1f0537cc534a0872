using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tessera.Core;

/// <summary>
/// The 8-bit arithmetic of Tessera, defined once; <c>docs/arithmetic.md</c> is its specification.
/// Quantization is symmetric with zero point 0: <c>real = scale × q</c>, q in [-128, 127], scale a float32.
/// QAT, the reference executor, the compiled model and the integer ONNX model all compute exactly these formulas.
/// </summary>
public static class Int8Arithmetic
{
    /// <summary>The smallest int8 value.</summary>
    public const int Min = -128;

    /// <summary>The largest int8 value.</summary>
    public const int Max = 127;

    /// <summary>The scale of the network's input: YUV444 minus 128 is the int8 image, normalised to about [-1, 1).</summary>
    public const float ImageScale = 1f / 128f;

    /// <summary>
    /// Every accumulator must stay below this magnitude, so that float32 holds it exactly (24-bit significand).
    /// </summary>
    public const long AccumulatorLimit = 1L << 24;

    /// <summary>
    /// Multipliers lie in [0, 2^64]: with accumulators below <see cref="AccumulatorLimit"/> no product then overflows float32.
    /// </summary>
    public const float MultiplierLimit = 18446744073709551616f;

    // Between two source pixels by two: three quarters of the one and a quarter of the other.
    private static readonly BilinearTap Twice = BilinearTap.Of(1, factor: 2, size: 2);

    /// <summary>The scale for values in [-<paramref name="amax"/>, <paramref name="amax"/>]: amax / 127.5, at least float32 epsilon.</summary>
    /// <remarks>127.5 is half the width of the int8 range, as in HAT.</remarks>
    public static float ScaleFor(float amax) => MathF.Max(amax / 127.5f, 1.1920929e-7f);

    /// <summary>The int8 value of a weight: <c>rne(clamp(w / scale, -128, 127))</c>, the division in float32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The weight is NaN or infinite: no int8 stands for it.</exception>
    public static sbyte QuantizeWeight(float weight, float scale) => (sbyte)RoundClamped(Finite(weight, nameof(weight)) / scale, Min);

    /// <summary>The int32 value of a bias at the accumulator's scale: <c>rne(b / (sx·sw))</c>, computed in double.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bias is NaN or infinite.</exception>
    public static double QuantizeBias(float bias, float inputScale, float weightScale) =>
        Math.Round(Finite(bias, nameof(bias)) / ((double)inputScale * weightScale), MidpointRounding.ToEven);

    /// <summary>The factor from the accumulator's scale to the output's: <c>float32(sx·sw / sy)</c>, computed in double.</summary>
    public static float Multiplier(float inputScale, float weightScale, float outputScale) =>
        (float)((double)inputScale * weightScale / outputScale);

    /// <summary>The factor from the residual's scale to the output's: <c>float32(sr / sy)</c>, computed in double.</summary>
    public static float ResidualMultiplier(float residualScale, float outputScale) =>
        (float)((double)residualScale / outputScale);

    /// <summary>The lower end of a convolution's clamp: 0 for an activation that ends negative values, else -128.</summary>
    public static int Low(Activation activation) => activation.IsRelu ? 0 : Min;

    /// <summary>
    /// The upper end of a convolution's clamp: 127, or less where the activation has an upper end that the scale reaches: <c>max(1, rne(min(high / scale, 127)))</c>,
    /// the division in float32.
    /// </summary>
    public static int High(Activation activation, float scale) =>
        activation.High is { } high ? Math.Max(1, (int)RoundClamped(high / scale, Min)) : Max;

    /// <summary><c>rne(clamp(float32(acc)·m, low, 127))</c>.</summary>
    /// <param name="accumulator">The int32 sum, |acc| below 2^24.</param>
    /// <param name="multiplier">The channel's multiplier.</param>
    /// <param name="low">0 after a ReLU, else -128.</param>
    public static sbyte Requantize(int accumulator, float multiplier, int low) =>
        (sbyte)RoundClamped(accumulator * multiplier, low);

    /// <summary><c>rne(clamp(float32(acc)·m + float32(qr)·r, low, 127))</c>; each product and the sum is rounded to float32 on its own.</summary>
    public static sbyte Requantize(int accumulator, float multiplier, sbyte residual, float residualMultiplier, int low)
    {
        // The casts forbid the compiler to keep more precision; C# never contracts a product and a sum to one fused operation.
        float product = (float)(accumulator * multiplier);
        float shortcut = (float)(residual * residualMultiplier);
        return (sbyte)RoundClamped((float)(product + shortcut), low);
    }

    /// <summary>One output of the bilinear ×2 upsample: <c>rne((9a + 3b + 3c + d) / 16)</c>; a is the nearest source pixel, d the diagonal one.</summary>
    public static sbyte Upsample(int a, int b, int c, int d) => Upsample(a, b, c, d, Twice, Twice);

    /// <summary>One output of a bilinear upsample: the mean of four source pixels weighted by the taps of row and column, <c>rne(Σ w·q / (whole·whole))</c>.</summary>
    /// <param name="a">The pixel that the output lies in.</param>
    /// <param name="b">Its neighbour in the row.</param>
    /// <param name="c">Its neighbour in the column.</param>
    /// <param name="d">The diagonal one.</param>
    /// <param name="row">The row's tap.</param>
    /// <param name="column">The column's tap.</param>
    public static sbyte Upsample(int a, int b, int c, int d, in BilinearTap row, in BilinearTap column)
    {
        int near = (column.NearWeight * a) + (column.FarWeight * b), far = (column.NearWeight * c) + (column.FarWeight * d);
        return (sbyte)RoundedShift((row.NearWeight * near) + (row.FarWeight * far), int.Log2(row.Whole * column.Whole));
    }

    /// <summary><c>rne(value / 2^bits)</c>, in integers.</summary>
    /// <param name="value">Small enough for the sum with 2^bits.</param>
    /// <param name="bits">1 to 30.</param>
    public static int RoundedShift(int value, int bits)
    {
        // Half is added, and one less where the integer part is even: ties then stay below the next integer.
        int odd = (value >> bits) & 1;
        return (value + (1 << (bits - 1)) - 1 + odd) >> bits;
    }

    /// <summary>The factor of an average over so many values: <c>float32(1 / count)</c>. The average is <c>Requantize(sum, factor, -128)</c>; exact where the count is a power of two.</summary>
    public static float AverageFactor(int count) => (float)(1.0 / count);

    /// <summary>
    /// The bound on the magnitude of one channel's accumulator and of every partial sum of it, in any order: <c>128·Σ|qw| + |bias|</c>, or behind a ReLU
    /// <c>127·max(Σ⁺, Σ⁻) + |bias|</c> with the sums of the positive weights and of the negative ones' magnitudes.
    /// </summary>
    /// <param name="weights">The channel's weights.</param>
    /// <param name="bias">Its bias at the accumulator's scale.</param>
    /// <param name="isInputNonNegative">What the convolution reads lies in [0, 127]; false is right of every input.</param>
    public static long AccumulatorBound(ReadOnlySpan<sbyte> weights, double bias, bool isInputNonNegative = false)
    {
        (long positive, long negative) = MagnitudeSums(weights);
        long products = isInputNonNegative ? Max * Math.Max(positive, negative) : -Min * (positive + negative);
        return checked(products + (long)Math.Min(Math.Abs(bias), long.MaxValue / 2));
    }

    // Every weight of a model is summed when it is loaded, at once in full speed: the slow first form of the machine code would take longer than all else.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (long Positive, long Negative) MagnitudeSums(ReadOnlySpan<sbyte> weights)
    {
        const int Block = 127; // steps after which a 16-bit lane, which takes two magnitudes of at most 128 per step, could overflow
        long positive = 0, negative = 0;
        int i = 0;
        while (i + Vector128<sbyte>.Count <= weights.Length)
        {
            Vector128<ushort> above = Vector128<ushort>.Zero, below = above;
            for (int step = 0; step < Block && i + Vector128<sbyte>.Count <= weights.Length; step++, i += Vector128<sbyte>.Count)
            {
                Vector128<sbyte> values = Vector128.Create(weights.Slice(i, Vector128<sbyte>.Count));
                above = AddPairs(above, Vector128.Max(values, Vector128<sbyte>.Zero));

                // The magnitude of -128 wraps to -128, which as a byte is 128.
                below = AddPairs(below, -Vector128.Min(values, Vector128<sbyte>.Zero));
            }

            positive += Vector128.Sum(Vector128.WidenLower(above) + Vector128.WidenUpper(above));
            negative += Vector128.Sum(Vector128.WidenLower(below) + Vector128.WidenUpper(below));
        }

        for (; i < weights.Length; i++)
        {
            positive += Math.Max((int)weights[i], 0);
            negative -= Math.Min((int)weights[i], 0);
        }

        return (positive, negative);

        static Vector128<ushort> AddPairs(Vector128<ushort> lanes, Vector128<sbyte> magnitudes) =>
            lanes + Vector128.WidenLower(magnitudes.AsByte()) + Vector128.WidenUpper(magnitudes.AsByte());
    }

    private static float Finite(float value, string name) =>
        float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "Only a finite number can be quantized.");

    private static float RoundClamped(float value, int low) =>
        MathF.Round(Math.Clamp(value, low, Max), MidpointRounding.ToEven);
}
