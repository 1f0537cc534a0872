using System.Runtime.CompilerServices;
using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// A convolution over several input channels with any window, stride, dilation and groups, with requantization and an optional residual; its reference is <see cref="ReferenceConv"/>.
/// </summary>
/// <remarks>
/// What a pixel reads is a list of words (<see cref="DenseRuns"/>). Where they are is looked up once for a row and a block of output channels, so that the innermost loop
/// of a large window is that of a 1×1 convolution. The weights of a block stay in the first-level cache while the row's pixels pass.
/// Signed values are read from rows widened to int16 (<typeparamref name="TDot"/> says which).
/// </remarks>
internal sealed unsafe class DenseKernel<TVector, TIsa, TDot> : ConvRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
{
    private const int SumsBytes = 16 * 64; // the sums of a tile of one register, at most sixteen pixels of the widest

    private readonly DenseWeights _weights;
    private readonly DenseBlock[] _blocks;
    private readonly int _pixels;
    private readonly DenseRow _shape;

    /// <summary>Packs the weights.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="conv">The convolution.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    public DenseKernel(string name, ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        Name = name;
        _weights = new DenseWeights(conv, input.Channels, TIsa.Width, TDot.ElementBytes, groups: typeof(TDot) == typeof(PairwiseDot<TVector, TIsa>));
        _blocks = [.. _weights.Blocks];
        _pixels = output.Width;
        _shape = new DenseRow(conv.Geometry.Columns.Stride * input.Channels * TDot.ElementBytes, output.Channels, (short)conv.Low, conv.ResidualMultiplier);
        ScratchBytes = checked(SumsBytes + (_weights.MostWords * sizeof(byte*)));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int InputElementBytes => TDot.ElementBytes;

    /// <inheritdoc/>
    public override int ScratchBytes { get; }

    /// <inheritdoc/>
    public override void Run(in ConvRow row) => RunFrom(row, 0);

    /// <summary>Computes the pixels from <paramref name="start"/> to the row's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunFrom(in ConvRow row, int start)
    {
        byte** words = (byte**)(row.Scratch + SumsBytes);
        foreach (ref readonly DenseBlock block in _blocks.AsSpan())
        {
            int* position = block.Positions;
            for (int word = 0; word < block.Words; word++, position += 2)
            {
                words[word] = row.Inputs[position[0]] + position[1];
            }

            switch (block.Registers, block.LanesPerChannel)
            {
                case (2, _):
                    DenseTile<TVector, TIsa, TDot, TwoRegisters>.Run(block, _shape, words, row, start, _pixels);
                    break;
                case (_, 1):
                    DenseTile<TVector, TIsa, TDot, OneRegister>.Run(block, _shape, words, row, start, _pixels);
                    break;
                default:
                    DenseTile<TVector, TIsa, TDot, HalfRegister>.Run(block, _shape, words, row, start, _pixels);
                    break;
            }
        }
    }
}

/// <summary>What the pixels of a row have in common.</summary>
/// <param name="PixelStep">Bytes in the input from one output pixel to the next.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Low">The clamp's lower end.</param>
/// <param name="ResidualMultiplier">What the residual is multiplied by.</param>
internal readonly record struct DenseRow(nint PixelStep, int Outputs, short Low, float ResidualMultiplier);
