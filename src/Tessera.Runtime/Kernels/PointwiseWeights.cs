using System.Runtime.CompilerServices;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// The weights of a 1×1 convolution in the order in which the kernel reads them: blocks of output channels; in each, groups of four input
/// channels (quads), large groups first.
/// </summary>
/// <remarks>
/// A block has as many channels as two registers have int32 lanes. Requantized lanes are packed within 128-bit lanes, so of every eight
/// channels the first four belong to the first register and the other four to the second: packing then gives memory order at no cost.
/// Behind the weights of a group follow the offsets of its int16 lanes (<see cref="QuadGrouping"/>), two registers; single quads have none.
/// </remarks>
internal sealed unsafe class PointwiseWeights
{
    private readonly AlignedBuffer _memory;
    private readonly long[] _starts;
    private readonly int _width;

    /// <summary>Packs the weights.</summary>
    /// <param name="conv">A 1×1 convolution whose input channels are a multiple of four.</param>
    /// <param name="width">Bytes of a register.</param>
    /// <param name="groups">Whether to make groups; else all quads are single.</param>
    public PointwiseWeights(ConvInstruction conv, int width, bool groups)
    {
        _width = width;
        int outputs = conv.Bias.Length;
        Inputs = conv.Weights.Length / outputs;
        BlockChannels = width / 2;
        Blocks = new PointwiseBlock[(outputs + BlockChannels - 1) / BlockChannels];
        _starts = new long[Blocks.Length];
        var groupings = new QuadGrouping?[Blocks.Length];
        long bytes = 0;
        for (int block = 0; block < Blocks.Length; block++)
        {
            int first = block * BlockChannels, count = Math.Min(BlockChannels, outputs - first);
            QuadGrouping? grouping = groups ? QuadGrouping.Of(conv.Weights.AsSpan(first * Inputs, count * Inputs), Inputs) : null;
            groupings[block] = grouping;
            _starts[block] = bytes;
            int registers = (Inputs / 4 * 2) + (((grouping?.LargeGroups ?? 0) + (grouping?.SmallGroups ?? 0)) * 2) + 4;
            bytes += (registers * width) + AlignedBuffer.AlignUp(Inputs / 4 * sizeof(int));
        }

        _memory = new AlignedBuffer(bytes);
        for (int block = 0; block < Blocks.Length; block++)
        {
            Blocks[block] = PackBlock(conv, block, groupings[block]);
        }
    }

    /// <summary>Input channels.</summary>
    public int Inputs { get; }

    /// <summary>Output channels of a block; the last block may have fewer that count.</summary>
    public int BlockChannels { get; }

    /// <summary>The blocks.</summary>
    public PointwiseBlock[] Blocks { get; }

    private int Lanes => _width / sizeof(int);

    /// <summary>The channel, within a block, of an int32 lane of the first (0) or second (1) register.</summary>
    public static int ChannelOf(int register, int lane) => (lane / 4 * 8) + (register * 4) + (lane % 4);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private PointwiseBlock PackBlock(ConvInstruction conv, int block, QuadGrouping? grouping)
    {
        int quads = Inputs / 4, large = grouping?.LargeGroups ?? 0, small = grouping?.SmallGroups ?? 0;
        int[] order = grouping is null ? [.. Enumerable.Range(0, quads)] : [.. grouping.Order];
        byte* parameters = _memory.Pointer + _starts[block], weights = parameters + (4 * _width);
        int* biases = (int*)parameters;
        for (int lane = 0; lane < 2 * Lanes; lane++)
        {
            int channel = (block * BlockChannels) + ChannelOf(lane / Lanes, lane % Lanes);
            if (channel < conv.Bias.Length)
            {
                biases[lane] = conv.Bias[channel];
                ((float*)biases)[(2 * Lanes) + lane] = conv.Multipliers[channel];
            }
        }

        byte* next = weights;
        fixed (sbyte* all = conv.Weights.AsSpan())
        {
            for (int step = 0, quad = 0; quad < quads; step++)
            {
                int size = step < large ? QuadGrouping.Large : step < large + small ? QuadGrouping.Small : 1;
                for (int lane = 0; lane < 2 * Lanes; lane++)
                {
                    int channel = (block * BlockChannels) + ChannelOf(lane / Lanes, lane % Lanes);
                    if (channel < conv.Bias.Length)
                    {
                        PackLane(all + ((long)channel * Inputs), order, quad, size, next, lane, ref biases[lane]);
                    }
                }

                quad += size;
                next += (size == 1 ? 2 : 2 * (size + 1)) * _width;
            }
        }

        for (int quad = 0; quad < quads; quad++)
        {
            ((int*)next)[quad] = order[quad] * 4;
        }

        int* offsets = (int*)next;
        return new PointwiseBlock
        {
            Parameters = parameters,
            Weights = weights,
            LargeGroups = offsets,
            SmallGroups = offsets + (large * QuadGrouping.Large),
            Singles = offsets + (large * QuadGrouping.Large) + (small * QuadGrouping.Small),
            End = offsets + quads,
        };
    }

    /// <summary>Packs one int32 lane of a group: its four weights of each quad, the offsets of both its int16 halves, and their sum off the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackLane(sbyte* weights, int[] order, int first, int size, byte* target, int lane, ref int bias)
    {
        int register = lane / Lanes, at = lane % Lanes * sizeof(int);
        int positive0 = 0, positive1 = 0, sum0 = 0, sum1 = 0;
        for (int i = 0; i < size; i++)
        {
            sbyte* four = weights + (order[first + i] * 4);
            *(int*)(target + (((i * 2) + register) * _width) + at) = *(int*)four;
            positive0 += Math.Max((int)four[0], 0) + Math.Max((int)four[1], 0);
            positive1 += Math.Max((int)four[2], 0) + Math.Max((int)four[3], 0);
            sum0 += four[0] + four[1];
            sum1 += four[2] + four[3];
        }

        if (size > 1)
        {
            short* offsets = (short*)(target + (((size * 2) + register) * _width) + at);
            offsets[0] = QuadGrouping.Offset(positive0, positive0 - sum0);
            offsets[1] = QuadGrouping.Offset(positive1, positive1 - sum1);
            bias -= offsets[0] + offsets[1];
        }
    }
}

/// <summary>Where the packed weights of one block of output channels are.</summary>
internal readonly unsafe struct PointwiseBlock
{
    /// <summary>Two registers of biases (int32), two of multipliers (float32).</summary>
    public required byte* Parameters { get; init; }

    /// <summary>The groups, one behind the other.</summary>
    public required byte* Weights { get; init; }

    /// <summary>Where in a pixel the quads are, one int32 each: first those of the large groups,</summary>
    public required int* LargeGroups { get; init; }

    /// <summary>then those of the small ones,</summary>
    public required int* SmallGroups { get; init; }

    /// <summary>then the single quads,</summary>
    public required int* Singles { get; init; }

    /// <summary>up to here.</summary>
    public required int* End { get; init; }
}
