namespace Tessera.Runtime.Kernels;

/// <summary>
/// The weights of a depthwise 3×3 convolution as its vector kernel reads them: for each block of channels five pairs of taps, interleaved
/// byte by byte, then the biases and the multipliers in the order in which unpacked lanes come.
/// </summary>
/// <remarks>
/// The pairs are (0,0)+(1,0), (0,1)+(1,1), (0,2)+(1,2), (2,0)+(2,1), (2,2)+nothing, as row and column of the kernel. A pair's sum of products with
/// inputs of 0..127 fits int16 whatever its weights are; <see cref="IsNarrow"/> says whether the first three pairs together do, and the last two.
/// </remarks>
internal sealed unsafe class DepthwiseWeights
{
    /// <summary>Pairs of taps.</summary>
    public const int Pairs = 5;

    // 127·258 = 32,766: the largest sum of like-signed weights whose product with 7-bit inputs fits int16.
    private const int SumLimit = 258;

    private static readonly int[][] Taps = [[0, 3], [1, 4], [2, 5], [6, 7], [8]];

    private readonly AlignedBuffer _memory;
    private readonly int _blockBytes;

    /// <summary>Packs the weights.</summary>
    /// <param name="conv">A depthwise 3×3 convolution.</param>
    /// <param name="width">Bytes of a register: a multiple of the channels, or a divisor.</param>
    public DepthwiseWeights(ConvInstruction conv, int width)
    {
        int channels = conv.Bias.Length;
        Blocks = Math.Max(channels / width, 1);
        ParameterOffset = Pairs * 2 * width;
        _blockBytes = ParameterOffset + (8 * width);
        _memory = new AlignedBuffer((long)Blocks * _blockBytes);
        IsNarrow = Enumerable.Range(0, channels).All(channel => Fits(conv, channel, [0, 1, 2]) && Fits(conv, channel, [3, 4]));
        for (int block = 0; block < Blocks; block++)
        {
            for (int position = 0; position < width; position++)
            {
                PackChannel(conv, ((block * width) + position) % channels, Block(block), position, width);
            }
        }
    }

    /// <summary>Blocks of one register of channels; 1 when a register holds several pixels.</summary>
    public int Blocks { get; }

    /// <summary>True when the products of six taps, and of the other three, may be summed in int16.</summary>
    public bool IsNarrow { get; }

    /// <summary>From a block's start to four registers of biases (int32) and four of multipliers (float32).</summary>
    public int ParameterOffset { get; }

    /// <summary>The start of a block.</summary>
    public byte* Block(int block) => _memory.Pointer + ((long)block * _blockBytes);

    private static bool Fits(ConvInstruction conv, int channel, int[] pairs)
    {
        int positive = 0, negative = 0;
        foreach (int tap in pairs.SelectMany(pair => Taps[pair]))
        {
            int weight = conv.Weights[(channel * 9) + tap];
            positive += Math.Max(weight, 0);
            negative += Math.Max(-weight, 0);
        }

        return positive <= SumLimit && negative <= SumLimit;
    }

    private void PackChannel(ConvInstruction conv, int channel, byte* block, int position, int width)
    {
        // Byte j of a lane's lower half is byte 2j of the unpacked low register, that of the upper half of the high one.
        int lane = position / 16 * 16, half = position % 16 / 8, inHalf = position % 8;
        for (int pair = 0; pair < Pairs; pair++)
        {
            byte* target = block + (((pair * 2) + half) * width) + lane + (inHalf * 2);
            for (int i = 0; i < Taps[pair].Length; i++)
            {
                target[i] = (byte)conv.Weights[(channel * 9) + Taps[pair][i]];
            }
        }

        int register = position % 16 / 4, int32 = (position / 16 * 4) + (position % 4), lanes = width / sizeof(int);
        ((int*)(block + ParameterOffset))[(register * lanes) + int32] = conv.Bias[channel];
        ((float*)(block + ParameterOffset))[((register + 4) * lanes) + int32] = conv.Multipliers[channel];
    }
}
