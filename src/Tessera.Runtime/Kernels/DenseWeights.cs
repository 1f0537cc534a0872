using System.Runtime.CompilerServices;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>The weights of a convolution in the order in which the dense kernel reads them: blocks of output channels (<see cref="DenseLayout"/>); in each, groups of words, large ones first.</summary>
/// <remarks>
/// Requantized lanes of two registers are packed within 128-bit lanes, so of every eight
/// channels the first four belong to the first register and the other four to the second: packing then gives memory order at no cost.
/// Behind the weights of a group follow the offsets of its int16 lanes (<see cref="QuadGrouping"/>); single words have none.
/// </remarks>
internal sealed unsafe class DenseWeights
{
    private readonly ConvInstruction _conv;
    private readonly int _width;
    private readonly int _elementBytes;
    private readonly List<AlignedBuffer> _memory = [];

    /// <summary>Packs the weights.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="inputChannels">Channels of its input.</param>
    /// <param name="width">Bytes of a register.</param>
    /// <param name="elementBytes">Bytes of an input element: 1 or 2.</param>
    /// <param name="groups">Whether to make groups; else all words are single.</param>
    public DenseWeights(ConvInstruction conv, int inputChannels, int width, int elementBytes, bool groups)
    {
        (_conv, _width, _elementBytes) = (conv, width, elementBytes);
        foreach ((int first, int count, int registers, int lanes) in new DenseLayout(conv, inputChannels, Lanes, elementBytes).Blocks)
        {
            Blocks.Add(Pack(new DenseRuns(conv, inputChannels, first, count, elementBytes, lanes), registers, first, count, lanes, groups));
        }
    }

    /// <summary>The blocks.</summary>
    public List<DenseBlock> Blocks { get; } = [];

    /// <summary>The most words of a block.</summary>
    public int MostWords => Blocks.Max(block => block.Words);

    private int Lanes => _width / sizeof(int);

    /// <summary>The channel, within a block of two registers, of an int32 lane of the first (0) or second (1) register.</summary>
    public static int ChannelOf(int register, int lane) => (lane / 4 * 8) + (register * 4) + (lane % 4);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private DenseBlock Pack(DenseRuns runs, int registers, int first, int count, int lanesPerChannel, bool groups)
    {
        int words = runs.Positions.Length, elements = sizeof(int) / _elementBytes * words;
        QuadGrouping? grouping = groups ? QuadGrouping.Of(runs.Weights, elements) : null;
        int large = (grouping?.LargeGroups ?? 0) * QuadGrouping.Large, small = (grouping?.SmallGroups ?? 0) * QuadGrouping.Small;
        int[] order = grouping is null ? [.. Enumerable.Range(0, words)] : [.. grouping.Order];
        long weightRegisters = (long)registers * (words + (large / QuadGrouping.Large) + (small / QuadGrouping.Small));
        var memory = new AlignedBuffer(((weightRegisters + (2 * registers)) * _width) + (2L * words * sizeof(int)));
        _memory.Add(memory);
        byte* parameters = memory.Pointer, weights = parameters + (2 * registers * _width), next = weights;
        fixed (sbyte* all = runs.Weights)
        {
            int* biases = (int*)parameters;
            for (int lane = 0; lane < registers * Lanes; lane++)
            {
                // Two lanes of a channel are added before they are multiplied, which brings the channels of two pixels side by side.
                if (RowOfLane(registers, lane) is var channel && channel < count)
                {
                    biases[lane * lanesPerChannel] = _conv.Bias[first + channel];
                    ((float*)biases)[(registers * Lanes) + lane] = _conv.Multipliers[first + channel];
                    if (lanesPerChannel == 2)
                    {
                        ((float*)biases)[Lanes + (Lanes / 2) + lane] = _conv.Multipliers[first + channel];
                    }
                }
            }

            for (int word = 0; word < words;)
            {
                int size = word < large ? QuadGrouping.Large : word < large + small ? QuadGrouping.Small : 1;
                for (int lane = 0; lane < registers * Lanes; lane++)
                {
                    if (RowOfLane(registers, lane) is var row && row < count * lanesPerChannel)
                    {
                        PackLane(all + ((long)row * elements), order.AsSpan(word, size), next + (lane * sizeof(int)), registers * _width, ref biases[lane]);
                    }
                }

                word += size;
                next += (size == 1 ? 1 : size + 1) * registers * _width;
            }
        }

        int* positions = (int*)next;
        for (int word = 0; word < words; word++)
        {
            (positions[2 * word], positions[(2 * word) + 1]) = runs.Positions[order[word]];
        }

        return new DenseBlock
        {
            Registers = registers,
            LanesPerChannel = lanesPerChannel,
            First = first,
            Parameters = parameters,
            Weights = weights,
            Positions = positions,
            LargeEnd = large,
            SmallEnd = large + small,
            Words = words,
        };
    }

    private int RowOfLane(int registers, int lane) => registers == 1 ? lane : ChannelOf(lane / Lanes, lane % Lanes);

    /// <summary>Packs one int32 lane of a group: its weights of each word, the offsets of both its int16 halves, and their sum off the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackLane(sbyte* weights, ReadOnlySpan<int> words, byte* target, int pitch, ref int bias)
    {
        if (_elementBytes == sizeof(short))
        {
            sbyte* two = weights + (words[0] * 2);
            ((short*)target)[0] = two[0];
            ((short*)target)[1] = two[1];
            return;
        }

        int positive0 = 0, positive1 = 0, sum0 = 0, sum1 = 0;
        for (int i = 0; i < words.Length; i++)
        {
            sbyte* four = weights + (words[i] * 4);
            *(int*)(target + (i * pitch)) = *(int*)four;
            positive0 += Math.Max((int)four[0], 0) + Math.Max((int)four[1], 0);
            positive1 += Math.Max((int)four[2], 0) + Math.Max((int)four[3], 0);
            sum0 += four[0] + four[1];
            sum1 += four[2] + four[3];
        }

        if (words.Length > 1)
        {
            short* offsets = (short*)(target + (words.Length * pitch));
            offsets[0] = QuadGrouping.Offset(positive0, positive0 - sum0);
            offsets[1] = QuadGrouping.Offset(positive1, positive1 - sum1);
            bias -= offsets[0] + offsets[1];
        }
    }
}
