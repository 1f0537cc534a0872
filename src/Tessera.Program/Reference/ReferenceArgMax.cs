namespace Tessera.Programs;

/// <summary>The reference argmax: the index of the largest channel, the smallest index among equals.</summary>
public static class ReferenceArgMax
{
    /// <summary>Writes one class id per pixel.</summary>
    /// <param name="shape">Shape of <paramref name="input"/>; at most 255 channels.</param>
    /// <param name="input">The int8 logits, H×W×C.</param>
    /// <param name="output">The class map, H×W bytes.</param>
    public static void Run(IntegerTensor shape, ReadOnlySpan<sbyte> input, Span<byte> output)
    {
        for (int i = 0; i < output.Length; i++)
        {
            ReadOnlySpan<sbyte> logits = input.Slice(i * shape.Channels, shape.Channels);
            int best = 0;
            for (int channel = 1; channel < logits.Length; channel++)
            {
                if (logits[channel] > logits[best])
                {
                    best = channel;
                }
            }

            output[i] = (byte)best;
        }
    }
}
