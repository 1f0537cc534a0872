using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// Depthwise convolution with any window, stride and dilation, of signed values, with requantization and an optional residual; its reference is <see cref="ReferenceConv"/>.
/// It reads rows widened to int16.
/// </summary>
/// <remarks>
/// The values of two taps are interleaved, so that one dot product of two multiplies both. Four registers of the same weights are computed at a time.
/// Where the number of taps is odd the last is paired with itself and a weight of zero.
/// </remarks>
internal sealed unsafe class TapPairKernel<TVector, TIsa, TDot> : ConvRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
{
    private readonly AlignedBuffer _weights;
    private readonly RegisterRow _registers;
    private readonly (int Row, int Offset)[] _taps;
    private readonly int _blockBytes;
    private readonly short _low;
    private readonly float _residualMultiplier;

    /// <summary>Packs the weights.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="conv">A depthwise convolution.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    public TapPairKernel(string name, ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        Name = name;
        _low = (short)conv.Low;
        _residualMultiplier = conv.ResidualMultiplier;
        _registers = Registers(conv, output);
        int area = conv.Geometry.Area;
        _taps = new (int, int)[area + (area % 2)];
        for (int tap = 0; tap < _taps.Length; tap++)
        {
            (int ky, int kx) = Math.DivRem(Math.Min(tap, area - 1), columns.Kernel);
            _taps[tap] = (ky * rows.Dilation, ((kx * columns.Dilation) - columns.Padding) * input.Channels * sizeof(short));
        }

        _blockBytes = (_taps.Length + 4) * TIsa.Width;
        _weights = new AlignedBuffer((long)_registers.Blocks.Length * _blockBytes);
        for (int block = 0; block < _registers.Blocks.Length; block++)
        {
            for (int lane = 0; lane < 2 * Lanes; lane++)
            {
                int channel = (_registers.Blocks[block].First + DenseWeights.ChannelOf(lane / Lanes, lane % Lanes)) % output.Channels;
                PackLane(conv, channel, _weights.Pointer + ((long)block * _blockBytes), lane);
            }
        }
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int InputElementBytes => sizeof(short);

    /// <inheritdoc/>
    public override int ScratchBytes => _taps.Length * sizeof(byte*);

    private static int Lanes => TIsa.Width / sizeof(int);

    /// <summary>How registers lie on a row.</summary>
    public static RegisterRow Registers(ConvInstruction conv, IntegerTensor output) => new(output.Channels, output.Width, conv.Geometry.Columns.Stride, TIsa.Width / sizeof(short));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ConvRow row)
    {
        byte** taps = (byte**)row.Scratch;
        for (int tap = 0; tap < _taps.Length; tap++)
        {
            taps[tap] = row.Inputs[_taps[tap].Row] + _taps[tap].Offset;
        }

        for (int i = 0; i < _registers.Blocks.Length; i++)
        {
            RegisterBlock block = _registers.Blocks[i];
            byte* weights = _weights.Pointer + ((long)i * _blockBytes);
            RunBlock(taps, weights, block, row.Residual + block.First, row.Residual != null, row.Output + block.First);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(byte** taps, byte* weights, RegisterBlock block, byte* residual, bool adds, byte* output)
    {
        byte* end = weights + (_taps.Length * TIsa.Width);
        nint at = block.First * sizeof(short), step = _registers.InputStep * sizeof(short), to = _registers.OutputStep;
        int left = block.Count;
        for (; left >= 4; left -= 4)
        {
            TVector a0 = Register(end, 0), b0 = Register(end, 1), a1 = a0, b1 = b0, a2 = a0, b2 = b0, a3 = a0, b3 = b0;
            byte** tap = taps;
            for (byte* w = weights; w < end; w += 2 * TIsa.Width, tap += 2)
            {
                byte* p = tap[0] + at, q = tap[1] + at;
                TVector u = Register(w, 0), v = Register(w, 1);
                Add(ref a0, ref b0, p, q, u, v);
                Add(ref a1, ref b1, p + step, q + step, u, v);
                p += 2 * step;
                q += 2 * step;
                Add(ref a2, ref b2, p, q, u, v);
                Add(ref a3, ref b3, p + step, q + step, u, v);
            }

            DenseStore<TVector, TIsa>.Pixel(output, residual, adds, a0, b0, end, _low, _residualMultiplier);
            DenseStore<TVector, TIsa>.Pixel(output + to, residual + to, adds, a1, b1, end, _low, _residualMultiplier);
            DenseStore<TVector, TIsa>.Pixel(output + (2 * to), residual + (2 * to), adds, a2, b2, end, _low, _residualMultiplier);
            DenseStore<TVector, TIsa>.Pixel(output + (3 * to), residual + (3 * to), adds, a3, b3, end, _low, _residualMultiplier);
            at += 4 * step;
            output += 4 * to;
            residual += 4 * to;
        }

        for (; left > 0; left--)
        {
            TVector a = Register(end, 0), b = Register(end, 1);
            byte** tap = taps;
            for (byte* w = weights; w < end; w += 2 * TIsa.Width, tap += 2)
            {
                Add(ref a, ref b, tap[0] + at, tap[1] + at, Register(w, 0), Register(w, 1));
            }

            DenseStore<TVector, TIsa>.Pixel(output, residual, adds, a, b, end, _low, _residualMultiplier);
            at += step;
            output += to;
            residual += to;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Register(byte* memory, int index) => TIsa.Load(memory + (index * TIsa.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref TVector a, ref TVector b, byte* p, byte* q, TVector u, TVector v)
    {
        TVector x = TIsa.Load(p), y = TIsa.Load(q);
        a = TDot.Add(a, TIsa.UnpackLowInt16(x, y), u);
        b = TDot.Add(b, TIsa.UnpackHighInt16(x, y), v);
    }

    private void PackLane(ConvInstruction conv, int channel, byte* block, int lane)
    {
        int area = conv.Geometry.Area, register = lane / Lanes;
        for (int tap = 0; tap < area; tap++)
        {
            ((short*)(block + (((tap / 2 * 2) + register) * TIsa.Width) + (lane % Lanes * sizeof(int))))[tap % 2] = conv.Weights[(channel * area) + tap];
        }

        byte* parameters = block + (_taps.Length * TIsa.Width);
        ((int*)parameters)[lane] = conv.Bias[channel];
        ((float*)parameters)[(2 * Lanes) + lane] = conv.Multipliers[channel];
    }
}
