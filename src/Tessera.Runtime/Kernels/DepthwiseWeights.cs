using System.Runtime.CompilerServices;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// The weights of a depthwise 3×3 convolution as its vector kernel reads them: for each block of channels and each column of the kernel four
/// registers, in which every channel has the column's three weights and a zero; then the same with the zero in front; then biases and multipliers.
/// </summary>
/// <remarks>
/// Register k of each four holds the channels whose bytes are 4k..4k+3 of their 128-bit lane: the order in which interleaving four rows brings them.
/// </remarks>
internal sealed unsafe class DepthwiseWeights
{
    /// <summary>Columns of the kernel.</summary>
    public const int Columns = 3;

    /// <summary>Registers of a column.</summary>
    public const int Quarters = 4;

    private readonly AlignedBuffer _memory;
    private readonly int _blockBytes;

    /// <summary>Packs the weights.</summary>
    /// <param name="conv">A depthwise 3×3 convolution.</param>
    /// <param name="width">Bytes of a register.</param>
    /// <param name="registers">How registers lie on a row.</param>
    public DepthwiseWeights(ConvInstruction conv, int width, RegisterRow registers)
    {
        int channels = conv.Bias.Length;
        LowerRowOffset = Columns * Quarters * width;
        ParameterOffset = 2 * LowerRowOffset;
        _blockBytes = ParameterOffset + (2 * Quarters * width);
        _memory = new AlignedBuffer((long)registers.Blocks.Length * _blockBytes);
        for (int block = 0; block < registers.Blocks.Length; block++)
        {
            for (int position = 0; position < width; position++)
            {
                PackChannel(conv, (registers.Blocks[block].First + position) % channels, Block(block), position, width);
            }
        }
    }

    /// <summary>From a block's start, where the weights of the upper of two output rows are, to those of the lower: the zero is in front.</summary>
    public int LowerRowOffset { get; }

    /// <summary>From a block's start to four registers of biases (int32) and four of multipliers (float32).</summary>
    public int ParameterOffset { get; }

    /// <summary>The start of a block.</summary>
    public byte* Block(int block) => _memory.Pointer + ((long)block * _blockBytes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackChannel(ConvInstruction conv, int channel, byte* block, int position, int width)
    {
        int quarter = position % 16 / 4, lane = (position / 16 * 4) + (position % 4);
        for (int column = 0; column < Columns; column++)
        {
            byte* upper = block + (((column * Quarters) + quarter) * width) + (lane * sizeof(int));
            for (int ky = 0; ky < 3; ky++)
            {
                byte weight = (byte)conv.Weights[(channel * 9) + (ky * 3) + column];
                upper[ky] = weight;
                (upper + LowerRowOffset)[ky + 1] = weight;
            }
        }

        int lanes = width / sizeof(int);
        ((int*)(block + ParameterOffset))[(quarter * lanes) + lane] = conv.Bias[channel];
        ((float*)(block + ParameterOffset))[((quarter + Quarters) * lanes) + lane] = conv.Multipliers[channel];
    }
}
