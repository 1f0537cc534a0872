using Tessera.Core;

namespace Tessera.Programs;

/// <summary>The reference average pooling: the sum of a window in integers, then one requantization.</summary>
public static class ReferenceAveragePool
{
    /// <summary>Pools one image.</summary>
    /// <param name="pool">The instruction, verified by its program.</param>
    /// <param name="inputShape">Shape of <paramref name="input"/>.</param>
    /// <param name="outputShape">Shape of <paramref name="output"/>.</param>
    /// <param name="input">The int8 image, H×W×C.</param>
    /// <param name="output">The int8 result, H×W×C.</param>
    public static void Run(AveragePoolInstruction pool, IntegerTensor inputShape, IntegerTensor outputShape, ReadOnlySpan<sbyte> input, Span<sbyte> output)
    {
        float factor = Int8Arithmetic.AverageFactor(pool.Area);
        int channels = inputShape.Channels, at = 0;
        for (int y = 0; y < outputShape.Height; y++)
        {
            for (int x = 0; x < outputShape.Width; x++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    int sum = 0;
                    for (int ky = 0; ky < pool.Rows.Kernel; ky++)
                    {
                        for (int kx = 0; kx < pool.Columns.Kernel; kx++)
                        {
                            int row = (y * pool.Rows.Stride) + ky, column = (x * pool.Columns.Stride) + kx;
                            sum += input[(((row * inputShape.Width) + column) * channels) + channel];
                        }
                    }

                    output[at++] = Int8Arithmetic.Requantize(sum, factor, Int8Arithmetic.Min);
                }
            }
        }
    }
}
