using Tessera.Core;
using Tessera.Programs;

namespace Tessera.TestKit;

/// <summary>
/// Convolution straight from its definition, sharing nothing with the library: the image is copied into a padded one, sums are int64,
/// products are formed exactly in double and rounded to float32 once, and rounding to integers is done on decimals.
/// </summary>
public static class ConvDefinition
{
    public static sbyte[] Compute(ConvInstruction conv, IntegerTensor input, IntegerTensor output, sbyte[] image, sbyte[]? residual)
    {
        (ConvAxis rows, ConvAxis columns, int groups) = conv.Geometry;
        int paddedWidth = input.Width + (2 * columns.Padding);
        sbyte[,,] padded = new sbyte[input.Height + (2 * rows.Padding), paddedWidth, input.Channels];
        for (int i = 0; i < image.Length; i++)
        {
            padded[(i / input.Channels / input.Width) + rows.Padding, (i / input.Channels % input.Width) + columns.Padding, i % input.Channels] = image[i];
        }

        int groupInputs = input.Channels / groups, groupOutputs = output.Channels / groups;
        var result = new sbyte[output.Count];
        for (int i = 0; i < result.Length; i++)
        {
            int channel = i % output.Channels, x = i / output.Channels % output.Width, y = i / output.Channels / output.Width;
            long sum = conv.Bias[channel];
            for (int tap = 0; tap < groupInputs * conv.Geometry.Area; tap++)
            {
                int source = (channel / groupOutputs * groupInputs) + (tap / conv.Geometry.Area);
                int ky = tap / columns.Kernel % rows.Kernel, kx = tap % columns.Kernel;
                sum += (long)conv.Weights[(channel * groupInputs * conv.Geometry.Area) + tap] * padded[(y * rows.Stride) + (ky * rows.Dilation), (x * columns.Stride) + (kx * columns.Dilation), source];
            }

            result[i] = Math.Min(Requantized(sum, conv.Multipliers[channel], residual?[i], conv.ResidualMultiplier, conv.Low == 0), (sbyte)conv.High);
        }

        return result;
    }

    /// <summary>24-bit times 24-bit significands fit in double's 53, so each conversion to float is the only rounding; likewise for the sum (2·24+2 ≤ 53).</summary>
    public static sbyte Requantized(long sum, float multiplier, sbyte? residual, float residualMultiplier, bool relu)
    {
        float value = (float)((double)sum * multiplier);
        if (residual is { } added)
        {
            value = (float)((double)value + (float)((double)added * residualMultiplier));
        }

        double clamped = Math.Min(127, Math.Max(relu ? 0 : -128, (double)value));
        return (sbyte)RoundHalfEven(clamped);
    }

    public static int RoundHalfEven(double value)
    {
        int below = (int)Math.Floor(value);
        double fraction = value - below;
        if (fraction != 0.5)
        {
            return fraction < 0.5 ? below : below + 1;
        }

        return below % 2 == 0 ? below : below + 1;
    }
}
