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
        int paddedWidth = input.Width + (2 * conv.Padding);
        sbyte[,,] padded = new sbyte[input.Height + (2 * conv.Padding), paddedWidth, input.Channels];
        for (int i = 0; i < image.Length; i++)
        {
            padded[(i / input.Channels / input.Width) + conv.Padding, (i / input.Channels % input.Width) + conv.Padding, i % input.Channels] = image[i];
        }

        int groupInputs = input.Channels / conv.Groups, groupOutputs = output.Channels / conv.Groups;
        var result = new sbyte[output.Count];
        for (int i = 0; i < result.Length; i++)
        {
            int channel = i % output.Channels, x = i / output.Channels % output.Width, y = i / output.Channels / output.Width;
            long sum = conv.Bias[channel];
            for (int tap = 0; tap < groupInputs * conv.Kernel * conv.Kernel; tap++)
            {
                int source = (channel / groupOutputs * groupInputs) + (tap / (conv.Kernel * conv.Kernel));
                int ky = tap / conv.Kernel % conv.Kernel, kx = tap % conv.Kernel;
                sum += (long)conv.Weights[(channel * groupInputs * conv.Kernel * conv.Kernel) + tap] * padded[(y * conv.Stride) + ky, (x * conv.Stride) + kx, source];
            }

            result[i] = Requantized(sum, conv.Multipliers[channel], residual?[i], conv.ResidualMultiplier, conv.Relu);
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
