namespace Tessera.Cli.Comparison;

/// <summary>One of the forms of a network, which shows what every node of it computes.</summary>
internal interface INetworkForm : IDisposable
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>Runs an image.</summary>
    /// <param name="image">H×W×3 int8, as the network reads it.</param>
    /// <returns>The value of every node by its name; the image is among them.</returns>
    IReadOnlyDictionary<string, NodeValue> Run(sbyte[] image);

    /// <summary>The numbers with which a convolution computes; null for a node without.</summary>
    ConvConstants? ConstantsOf(string node);
}

/// <summary>What a node computed for one image.</summary>
/// <param name="Values">H×W×C, in units of <paramref name="Scale"/>.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Scale">What 1 is: the scale of an int8 tensor; 1 for real values and class ids.</param>
internal sealed record NodeValue(float[] Values, int Height, int Width, int Channels, float Scale)
{
    /// <summary>Takes planes, C×H×W.</summary>
    public static NodeValue OfPlanes(ReadOnlySpan<float> planes, int channels, int height, int width, float scale)
    {
        var values = new float[planes.Length];
        int pixels = height * width;
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < pixels; i++)
            {
                values[(i * channels) + c] = planes[(c * pixels) + i];
            }
        }

        return new NodeValue(values, height, width, channels, scale);
    }
}

/// <summary>The numbers of a convolution: integers, or real numbers in float.</summary>
/// <param name="Weights">Output channel × input channel of the group × kernel row × kernel column.</param>
/// <param name="Bias">One for each output channel.</param>
/// <param name="Multipliers">One for each output channel; empty in float.</param>
/// <param name="ResidualMultiplier">The factor of the residual; 1 in float.</param>
internal sealed record ConvConstants(float[] Weights, double[] Bias, float[] Multipliers, float ResidualMultiplier);
