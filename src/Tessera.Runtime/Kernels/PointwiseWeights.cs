namespace Tessera.Runtime.Kernels;

/// <summary>
/// The weights of a 1×1 convolution in the order in which the kernel reads them: blocks of output channels; in each, steps of four input
/// channels (quads), pairs of quads first.
/// </summary>
/// <remarks>
/// A block has as many channels as two registers have int32 lanes. Requantized lanes are packed within 128-bit lanes, so of every eight
/// channels the first four belong to the first register and the other four to the second: packing then gives memory order at no cost.
/// Two quads make a pair when their products, summed in int16, cannot overflow for any input of 0..127.
/// </remarks>
internal sealed unsafe class PointwiseWeights
{
    // 127·258 = 32,766: the largest sum of like-signed weights whose product with 7-bit inputs fits int16.
    private const int PairLimit = 258;

    // Partners are sought among so many quads (1024 channels), which keeps the work linear for layers wider than any known one.
    private const int PartnersTried = 256;

    private readonly AlignedBuffer _memory;
    private readonly int _blockBytes;

    /// <summary>Packs the weights.</summary>
    /// <param name="conv">A 1×1 convolution whose input channels are a multiple of four.</param>
    /// <param name="width">Bytes of a register.</param>
    /// <param name="pairs">Whether to make pairs.</param>
    public PointwiseWeights(ConvInstruction conv, int width, bool pairs)
    {
        int outputs = conv.Bias.Length;
        Inputs = conv.Weights.Length / outputs;
        BlockChannels = width / 2;
        Blocks = (outputs + BlockChannels - 1) / BlockChannels;
        int quads = Inputs / 4;
        ParameterOffset = quads * 2 * width;
        OffsetsOffset = ParameterOffset + (4 * width);
        int headerOffset = OffsetsOffset + (quads * sizeof(int));
        _blockBytes = (headerOffset + AlignedBuffer.Alignment - 1) / AlignedBuffer.Alignment * AlignedBuffer.Alignment;
        _memory = new AlignedBuffer((long)Blocks * _blockBytes);
        PairCounts = new int[Blocks];
        for (int block = 0; block < Blocks; block++)
        {
            PackBlock(conv, block, width, pairs);
        }
    }

    /// <summary>Input channels.</summary>
    public int Inputs { get; }

    /// <summary>Output channels of a block; the last block may have fewer that count.</summary>
    public int BlockChannels { get; }

    /// <summary>Number of blocks.</summary>
    public int Blocks { get; }

    /// <summary>Number of pairs of quads of each block; what is left are single quads.</summary>
    public int[] PairCounts { get; }

    /// <summary>From a block's start to two registers of biases (int32) and two of multipliers (float32).</summary>
    public int ParameterOffset { get; }

    /// <summary>From a block's start to one int32 per quad: where in a pixel its four bytes are.</summary>
    public int OffsetsOffset { get; }

    /// <summary>The start of a block.</summary>
    public byte* Block(int block) => _memory.Pointer + ((long)block * _blockBytes);

    /// <summary>The channel, within a block, of an int32 lane of the first (0) or second (1) register.</summary>
    public static int ChannelOf(int register, int lane) => (lane / 4 * 8) + (register * 4) + (lane % 4);

    private void PackBlock(ConvInstruction conv, int block, int width, bool pairs)
    {
        byte* start = Block(block);
        int[] order = Order(conv, block, pairs, out PairCounts[block]);
        int lanes = width / sizeof(int);
        for (int register = 0; register < 2; register++)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                int channel = (block * BlockChannels) + ChannelOf(register, lane);
                if (channel >= conv.Bias.Length)
                {
                    continue;
                }

                for (int step = 0; step < order.Length; step++)
                {
                    conv.Weights.AsSpan((channel * Inputs) + (order[step] * 4), 4)
                        .CopyTo(new Span<sbyte>(start + (((step * 2) + register) * width) + (lane * 4), 4));
                }

                ((int*)(start + ParameterOffset))[(register * lanes) + lane] = conv.Bias[channel];
                ((float*)(start + ParameterOffset))[((register + 2) * lanes) + lane] = conv.Multipliers[channel];
            }
        }

        for (int step = 0; step < order.Length; step++)
        {
            ((int*)(start + OffsetsOffset))[step] = order[step] * 4;
        }
    }

    /// <summary>The quads in the order of execution: pairs, each with the nearest partner that it may have, then the rest.</summary>
    private int[] Order(ConvInstruction conv, int block, bool makePairs, out int pairCount)
    {
        var paired = new List<int>();
        var single = new List<int>();
        List<int> open = [.. Enumerable.Range(0, Inputs / 4)];
        while (open.Count > 0)
        {
            int quad = open[0];
            open.RemoveAt(0);
            int partner = makePairs ? open.FindIndex(0, Math.Min(open.Count, PartnersTried), other => MayPair(conv, block, quad, other)) : -1;
            if (partner < 0)
            {
                single.Add(quad);
            }
            else
            {
                paired.Add(quad);
                paired.Add(open[partner]);
                open.RemoveAt(partner);
            }
        }

        pairCount = paired.Count / 2;
        return [.. paired, .. single];
    }

    private bool MayPair(ConvInstruction conv, int block, int first, int second)
    {
        int end = Math.Min((block + 1) * BlockChannels, conv.Bias.Length);
        for (int channel = block * BlockChannels; channel < end; channel++)
        {
            ReadOnlySpan<sbyte> a = conv.Weights.AsSpan((channel * Inputs) + (first * 4), 4), b = conv.Weights.AsSpan((channel * Inputs) + (second * 4), 4);
            if (!Fits(a[0], a[1], b[0], b[1]) || !Fits(a[2], a[3], b[2], b[3]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Fits(int a, int b, int c, int d)
    {
        int positive = Math.Max(a, 0) + Math.Max(b, 0) + Math.Max(c, 0) + Math.Max(d, 0);
        return positive <= PairLimit && positive - (a + b + c + d) <= PairLimit;
    }
}
