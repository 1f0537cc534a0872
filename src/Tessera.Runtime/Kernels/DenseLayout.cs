using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>How the output channels of a convolution are divided into blocks, and how much of what is then computed counts.</summary>
/// <remarks>
/// A block fills two registers of int32 lanes or one. Where half a register of channels or less is left, each channel takes two lanes, which share its words.
/// Groups of fewer channels still are computed together, with weights of zero for what a channel does not read.
/// </remarks>
internal sealed class DenseLayout
{
    /// <summary>Divides.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="inputChannels">Channels of its input.</param>
    /// <param name="lanes">Int32 lanes of a register.</param>
    /// <param name="elementBytes">Bytes of an input element: 1 or 2.</param>
    public DenseLayout(ConvInstruction conv, int inputChannels, int lanes, int elementBytes)
    {
        (_, ConvAxis columns, int groups) = conv.Geometry;
        int outputs = conv.Bias.Length, perGroup = outputs / groups, fanIn = inputChannels / groups, perLane = sizeof(int) / elementBytes;
        int run = groups == 1 && columns.Dilation == 1 ? fanIn * columns.Kernel : fanIn;
        int least = run > perLane ? lanes / 2 : lanes; // a short run does not fill two lanes
        int together = Math.Min(Math.Max(least / perGroup, 1) * perGroup, outputs);
        double computed = 0;
        for (int start = 0; start < outputs; start += together)
        {
            int end = Math.Min(start + together, outputs);
            for (int at = start, full; at < end; at += full)
            {
                int left = end - at, perChannel = left <= lanes / 2 && run > perLane ? 2 : 1, registers = left > lanes ? 2 : 1;
                full = registers * lanes / perChannel;

                // A block that is not full writes beyond its channels: into those of the next block, which is computed afterwards, or, where it is the only one, into the
                // next pixel. The last of several, and those of a group with channels enough, move back instead over channels that others compute too, to the same values.
                int first = Math.Max(Math.Min(at, end - full), end == outputs ? 0 : start), count = Math.Min(full, end - first);
                Blocks.Add((first, count, registers, perChannel));
                int inputs = (((first + count - 1) / perGroup) - (first / perGroup) + 1) * fanIn, read = run * inputs / fanIn, word = perChannel * perLane;
                computed += (double)registers * lanes * ((read + word - 1) / word * word) / perChannel * (fanIn * columns.Kernel / run);
            }
        }

        Usage = outputs * (double)fanIn * columns.Kernel / computed;
        Slow = Usage < 0.2 ? $"{fanIn} input and {perGroup} output channels in a group use {Usage:P0} of the products that are computed; four or more of each would be fast" : null;
    }

    /// <summary>The blocks in the order in which they must be computed: first channel, channels, registers, and lanes of a channel.</summary>
    public List<(int First, int Count, int Registers, int LanesPerChannel)> Blocks { get; } = [];

    /// <summary>The part of all products that belong to the convolution: others are those of lanes without a channel, of weights that fill up words, and of other groups.</summary>
    public double Usage { get; }

    /// <summary>Where the layer is slow: why, and what would be fast; else null.</summary>
    public string? Slow { get; }
}
