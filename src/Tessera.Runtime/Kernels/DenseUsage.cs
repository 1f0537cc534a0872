using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>How much of what the dense kernel computes counts: lanes without an output channel and products with weights of zero do not.</summary>
/// <param name="Lanes">The part of the lanes that have an output channel.</param>
/// <param name="Products">The part of all products that belong to the convolution.</param>
/// <param name="Shape">The convolution's groups.</param>
internal readonly record struct DenseUsage(double Lanes, double Products, string Shape)
{
    /// <summary>Where the layer is slow: why, and what would be fast.</summary>
    public string? Slow => Products < 0.25
        ? $"{Shape} leave {1 - Products:P0} of its products zero; four or more of each in a group would be fast"
        : null;

    /// <summary>Counts.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="inputChannels">Channels of its input.</param>
    /// <param name="lanes">Int32 lanes of a register.</param>
    /// <param name="elementBytes">Bytes of an input element.</param>
    public static DenseUsage Of(ConvInstruction conv, int inputChannels, int lanes, int elementBytes)
    {
        (_, ConvAxis columns, int groups) = conv.Geometry;
        int together = DenseRuns.ChannelsTogether(conv, lanes), perGroup = conv.Bias.Length / groups, fanIn = inputChannels / groups, inputs = together / perGroup * fanIn;
        int run = inputs == inputChannels && columns.Dilation == 1 ? inputs * columns.Kernel : inputs, perWord = sizeof(int) / elementBytes;
        double filled = (double)together / (((together + lanes - 1) / lanes) * lanes);
        double words = (double)run / (((run + perWord - 1) / perWord) * perWord);
        return new DenseUsage(filled, filled * words * fanIn / inputs, $"{fanIn} input and {perGroup} output channels in a group");
    }
}
