using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// The 3×3 stride-2 convolution of an image of three channels to eight, with 512-bit registers: two pixels by eight channels each.
/// It reads rows widened to int16; its reference is <see cref="ReferenceConv"/>.
/// </summary>
/// <remarks>
/// Four output pixels need 27 consecutive values of a row, which one register of 32 holds: the operands of each multiplication are picked from
/// it by a permutation instead of reads. The last tile of a row reads up to 28 bytes behind the right padding.
/// </remarks>
internal sealed unsafe class StemKernel : ConvRowKernel
{
    private const int Width = 64;
    private const int Channels = 8;
    private const int RowPairs = 5; // nine values of a kernel row, and one that meets a weight of zero
    private const int PixelStep = 2 * 3 * sizeof(short);
    private const int Start = -3 * sizeof(short);

    private readonly AlignedBuffer _weights = new((3 * RowPairs * Width) + (2 * Width));
    private readonly DenseKernel<Vector256<byte>, Avx2Isa, Int16Dot<Vector256<byte>, Avx2Isa>> _rest;
    private readonly int _pixels;
    private readonly int _low;

    /// <summary>Packs the weights.</summary>
    /// <param name="conv">A convolution for which <see cref="Supports"/> holds.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    public StemKernel(ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        _rest = new DenseKernel<Vector256<byte>, Avx2Isa, Int16Dot<Vector256<byte>, Avx2Isa>>("avx2 dense", conv, input, output);
        _pixels = output.Width;
        _low = conv.Low;
        for (int lane = 0; lane < 2 * Channels; lane++)
        {
            int channel = lane % Channels;
            for (int i = 0; i < conv.Weights.Length / Channels; i++)
            {
                int inputChannel = i / 9, ky = i / 3 % 3, kx = i % 3, value = (kx * 3) + inputChannel;
                ((short*)(_weights.Pointer + (((ky * RowPairs) + (value / 2)) * Width) + (lane * sizeof(int))))[value % 2] = conv.Weights[(channel * 27) + i];
            }

            ((int*)(_weights.Pointer + (3 * RowPairs * Width)))[lane] = conv.Bias[channel];
            ((float*)(_weights.Pointer + (((3 * RowPairs) + 1) * Width)))[lane] = conv.Multipliers[channel];
        }
    }

    /// <inheritdoc/>
    public override string Name => "avx512 stem";

    /// <inheritdoc/>
    public override int InputElementBytes => sizeof(short);

    /// <inheritdoc/>
    public override int ScratchBytes => _rest.ScratchBytes;

    /// <summary>Whether the kernel computes this convolution.</summary>
    public static bool Supports(ConvInstruction conv, IntegerTensor input, IntegerTensor output) =>
        conv.Geometry == ConvGeometry.Square(3, stride: 2, padding: 1) && conv.Residual is null && input.Channels == 3 && output.Channels == Channels;

    /// <inheritdoc/>
    public override void Run(in ConvRow row)
    {
        int tiles = _pixels / 4;
        RunTiles(row.Inputs[0] + Start, row.Inputs[1] + Start, row.Inputs[2] + Start, row.Output, tiles);
        _rest.RunFrom(row, tiles * 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTiles(byte* top, byte* middle, byte* bottom, byte* output, int tiles)
    {
        byte* w = _weights.Pointer;
        Vector512<int> bias = Vector512.Load((int*)(w + (15 * Width)));
        Vector512<float> multiplier = Vector512.Load((float*)(w + (16 * Width)));
        Vector512<int> low = Vector512.Create(_low);

        // Three int32 lie between the values of neighbouring output pixels.
        Vector512<int> i0 = Vector512.Create(Vector256.Create(0), Vector256.Create(3)), one = Vector512.Create(1);
        Vector512<int> i1 = i0 + one, i2 = i1 + one, i3 = i2 + one, i4 = i3 + one;
        Vector512<int> six = Vector512.Create(6), j0 = i0 + six, j1 = i1 + six, j2 = i2 + six, j3 = i3 + six, j4 = i4 + six;
        for (; tiles > 0; tiles--)
        {
            Vector512<int> a = bias, b = bias;
            Vector512<int> row = Vector512.Load((int*)top);
            a += Product(row, i0, w, 0) + Product(row, i1, w, 1);
            b += Product(row, j0, w, 0) + Product(row, j1, w, 1);
            a += Product(row, i2, w, 2) + Product(row, i3, w, 3);
            b += Product(row, j2, w, 2) + Product(row, j3, w, 3);
            a += Product(row, i4, w, 4);
            b += Product(row, j4, w, 4);
            row = Vector512.Load((int*)middle);
            a += Product(row, i0, w, 5) + Product(row, i1, w, 6);
            b += Product(row, j0, w, 5) + Product(row, j1, w, 6);
            a += Product(row, i2, w, 7) + Product(row, i3, w, 8);
            b += Product(row, j2, w, 7) + Product(row, j3, w, 8);
            a += Product(row, i4, w, 9);
            b += Product(row, j4, w, 9);
            row = Vector512.Load((int*)bottom);
            a += Product(row, i0, w, 10) + Product(row, i1, w, 11);
            b += Product(row, j0, w, 10) + Product(row, j1, w, 11);
            a += Product(row, i2, w, 12) + Product(row, i3, w, 13);
            b += Product(row, j2, w, 12) + Product(row, j3, w, 13);
            a += Product(row, i4, w, 14);
            b += Product(row, j4, w, 14);
            Store(output, a, multiplier, low);
            Store(output + (2 * Channels), b, multiplier, low);
            top += 4 * PixelStep;
            middle += 4 * PixelStep;
            bottom += 4 * PixelStep;
            output += 4 * Channels;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Product(Vector512<int> row, Vector512<int> indices, byte* weights, int index) =>
        Avx512BW.MultiplyAddAdjacent(Avx512F.PermuteVar16x32(row, indices).AsInt16(), Vector512.Load((short*)(weights + (index * Width))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(byte* output, Vector512<int> sum, Vector512<float> multiplier, Vector512<int> low)
    {
        Vector512<byte> rounded = Avx512Isa.Requantize(sum.AsByte(), multiplier.AsByte());
        Avx512Isa.StoreNarrowInt32(output, Avx512Isa.MaxInt32(rounded, low.AsByte()));
    }
}
