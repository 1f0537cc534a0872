using Tessera.Core;

namespace Tessera.Programs;

/// <summary>
/// The reference convolution: plain loops over <see cref="Int8Arithmetic"/>, for any kernel, stride, padding and groups. It is never tuned;
/// faster kernels are compared with it in every element.
/// </summary>
public static class ReferenceConv
{
    /// <summary>Computes one convolution of one image.</summary>
    /// <param name="conv">The instruction, verified by its program.</param>
    /// <param name="inputShape">Shape of <paramref name="input"/>.</param>
    /// <param name="outputShape">Shape of <paramref name="output"/>.</param>
    /// <param name="input">The int8 image, H×W×C.</param>
    /// <param name="residual">The tensor to add, shaped like the output; empty without a residual.</param>
    /// <param name="output">The int8 result, H×W×C; may not overlap the others.</param>
    public static void Run(ConvInstruction conv, IntegerTensor inputShape, IntegerTensor outputShape, ReadOnlySpan<sbyte> input, ReadOnlySpan<sbyte> residual, Span<sbyte> output)
    {
        int channels = outputShape.Channels;
        bool depthwise = conv.Geometry.Groups == channels && channels == inputShape.Channels;
        sbyte[] weights = ByTap(conv, channels);
        int[] accumulators = new int[channels];
        int at = 0;
        for (int y = 0; y < outputShape.Height; y++)
        {
            for (int x = 0; x < outputShape.Width; x++, at += channels)
            {
                conv.Bias.CopyTo(accumulators, 0);
                AccumulatePixel(conv, inputShape, input, weights, accumulators, y, x, depthwise);
                Requantize(conv, accumulators, residual.IsEmpty ? default : residual.Slice(at, channels), output.Slice(at, channels));
            }
        }
    }

    // Weights as kernel position × output channel × input channel, so that one position's weights lie side by side as a pixel's channels do.
    private static sbyte[] ByTap(ConvInstruction conv, int channels)
    {
        int area = conv.Geometry.Area;
        int fanIn = conv.Weights.Length / (channels * area);
        var weights = new sbyte[conv.Weights.Length];
        for (int pair = 0; pair < channels * fanIn; pair++)
        {
            for (int tap = 0; tap < area; tap++)
            {
                weights[(tap * channels * fanIn) + pair] = conv.Weights[(pair * area) + tap];
            }
        }

        return weights;
    }

    private static void AccumulatePixel(ConvInstruction conv, IntegerTensor shape, ReadOnlySpan<sbyte> input, ReadOnlySpan<sbyte> weights, Span<int> accumulators, int y, int x, bool depthwise)
    {
        int perTap = weights.Length / conv.Geometry.Area;
        (ConvAxis rows, ConvAxis columns, int groups) = conv.Geometry;
        int top = (y * rows.Stride) - rows.Padding, left = (x * columns.Stride) - columns.Padding;
        for (int ky = 0; ky < rows.Kernel; ky++)
        {
            // One unsigned comparison: outside the image on either side the padding's zeros add nothing.
            int row = top + (ky * rows.Dilation);
            if ((uint)row >= (uint)shape.Height)
            {
                continue;
            }

            for (int kx = 0; kx < columns.Kernel; kx++)
            {
                int column = left + (kx * columns.Dilation);
                if ((uint)column >= (uint)shape.Width)
                {
                    continue;
                }

                ReadOnlySpan<sbyte> pixel = input.Slice(((row * shape.Width) + column) * shape.Channels, shape.Channels);
                ReadOnlySpan<sbyte> tap = weights.Slice(((ky * columns.Kernel) + kx) * perTap, perTap);
                if (depthwise)
                {
                    AddDepthwise(pixel, tap, accumulators);
                }
                else
                {
                    AddGrouped(pixel, tap, accumulators, groups);
                }
            }
        }
    }

    private static void AddDepthwise(ReadOnlySpan<sbyte> pixel, ReadOnlySpan<sbyte> weights, Span<int> accumulators)
    {
        pixel = pixel[..accumulators.Length];
        weights = weights[..accumulators.Length];
        for (int channel = 0; channel < accumulators.Length; channel++)
        {
            accumulators[channel] += pixel[channel] * weights[channel];
        }
    }

    private static void AddGrouped(ReadOnlySpan<sbyte> pixel, ReadOnlySpan<sbyte> weights, Span<int> accumulators, int groups)
    {
        int fanIn = pixel.Length / groups, perGroup = accumulators.Length / groups;
        for (int group = 0, channel = 0; group < groups; group++)
        {
            ReadOnlySpan<sbyte> values = pixel.Slice(group * fanIn, fanIn);
            for (int end = channel + perGroup; channel < end; channel++)
            {
                accumulators[channel] += Dot(values, weights.Slice(channel * fanIn, fanIn));
            }
        }
    }

    private static int Dot(ReadOnlySpan<sbyte> values, ReadOnlySpan<sbyte> weights)
    {
        weights = weights[..values.Length];
        int sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            sum += values[i] * weights[i];
        }

        return sum;
    }

    private static void Requantize(ConvInstruction conv, ReadOnlySpan<int> accumulators, ReadOnlySpan<sbyte> residual, Span<sbyte> output)
    {
        int low = conv.Low;
        var high = (sbyte)conv.High;
        for (int channel = 0; channel < accumulators.Length; channel++)
        {
            sbyte value = residual.IsEmpty
                ? conv.Requantization.Requantize(accumulators[channel], conv.Multipliers[channel], low)
                : conv.Requantization.Requantize(accumulators[channel], conv.Multipliers[channel], residual[channel], conv.ResidualMultiplier, low);

            // The upper end is an integer: clamping to it after rounding is the same as before.
            output[channel] = Math.Min(value, high);
        }
    }
}
