namespace Tessera.Programs;

/// <summary>The reference max pooling: the largest value of a window, as far as it lies in the image.</summary>
public static class ReferenceMaxPool
{
    /// <summary>Pools one image.</summary>
    /// <param name="pool">The instruction, verified by its program.</param>
    /// <param name="inputShape">Shape of <paramref name="input"/>.</param>
    /// <param name="outputShape">Shape of <paramref name="output"/>.</param>
    /// <param name="input">The int8 image, H×W×C.</param>
    /// <param name="output">The int8 result, H×W×C.</param>
    public static void Run(MaxPoolInstruction pool, IntegerTensor inputShape, IntegerTensor outputShape, ReadOnlySpan<sbyte> input, Span<sbyte> output)
    {
        int channels = inputShape.Channels, at = 0;
        for (int y = 0; y < outputShape.Height; y++)
        {
            for (int x = 0; x < outputShape.Width; x++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    sbyte largest = sbyte.MinValue;
                    for (int ky = 0; ky < pool.Rows.Kernel; ky++)
                    {
                        for (int kx = 0; kx < pool.Columns.Kernel; kx++)
                        {
                            int row = (y * pool.Rows.Stride) - pool.Rows.Padding + ky, column = (x * pool.Columns.Stride) - pool.Columns.Padding + kx;
                            if ((uint)row < (uint)inputShape.Height && (uint)column < (uint)inputShape.Width)
                            {
                                largest = Math.Max(largest, input[(((row * inputShape.Width) + column) * channels) + channel]);
                            }
                        }
                    }

                    output[at++] = largest;
                }
            }
        }
    }
}
