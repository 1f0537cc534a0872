using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// A convolution over all input channels with any kernel and stride, of signed values: the stem, and 1×1 convolutions behind a layer without ReLU.
/// It reads rows widened to int16; its reference is <see cref="ReferenceConv"/>.
/// </summary>
/// <remarks>
/// A kernel row of a pixel is one run of values, taken two at a time. Where their number is odd, the value behind the run is read and
/// multiplied by zero: a widened row needs one value of room behind its padding.
/// </remarks>
internal sealed unsafe class DenseKernel<TVector, TIsa> : ConvRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    private const int TilePixels = 4;

    private readonly AlignedBuffer _weights;
    private readonly int[] _runRows;
    private readonly int[] _runOffsets;
    private readonly int _pairsPerRun;
    private readonly int _blockBytes;
    private readonly int _pixels;
    private readonly int _pixelStep;
    private readonly int _outputs;
    private readonly int _low;
    private readonly float _residualMultiplier;

    /// <summary>Packs the weights.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="conv">A convolution of one group for which <see cref="Supports"/> holds.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    public DenseKernel(string name, ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        Name = name;
        _pixels = output.Width;
        _outputs = output.Channels;
        _low = conv.Low;
        _residualMultiplier = conv.ResidualMultiplier;
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        _pixelStep = columns.Stride * input.Channels * sizeof(short);

        // The taps of a kernel row lie side by side, one run of values; where they are dilated each tap is a run of its own.
        int tapsPerRun = columns.Dilation == 1 ? columns.Kernel : 1, runsPerRow = columns.Kernel / tapsPerRun;
        _runRows = [.. Enumerable.Range(0, rows.Kernel * runsPerRow).Select(run => run / runsPerRow * rows.Dilation)];
        _runOffsets = [.. Enumerable.Range(0, rows.Kernel * runsPerRow).Select(run => ((run % runsPerRow * columns.Dilation) - columns.Padding) * input.Channels * sizeof(short))];
        int values = tapsPerRun * input.Channels;
        _pairsPerRun = (values + 1) / 2;
        _blockBytes = ((_runRows.Length * _pairsPerRun) + 2) * TIsa.Width;
        _weights = new AlignedBuffer((long)_outputs / Lanes * _blockBytes);
        for (int channel = 0; channel < _outputs; channel++)
        {
            PackChannel(conv, channel, input.Channels, values);
        }
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int InputElementBytes => sizeof(short);

    private static int Lanes => TIsa.Width / sizeof(int);

    /// <summary>Whether the kernel computes a convolution of so many output channels.</summary>
    public static bool Supports(int outputs) => outputs % Lanes == 0;

    /// <inheritdoc/>
    public override void Run(in ConvRow row) => RunFrom(row, 0);

    /// <summary>Computes the pixels from <paramref name="start"/> to the row's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunFrom(in ConvRow row, int start)
    {
        byte** runs = stackalloc byte*[_runRows.Length]; // where each run of pixel 0 begins: found once for the row, not for every tile
        for (int run = 0; run < _runRows.Length; run++)
        {
            runs[run] = row.Inputs[_runRows[run]] + _runOffsets[run];
        }

        for (int first = 0; first < _outputs; first += Lanes)
        {
            byte* weights = _weights.Pointer + ((long)(first / Lanes) * _blockBytes);
            byte* residual = row.Residual == null ? null : row.Residual + first;
            int pixel = start;
            for (; pixel + TilePixels <= _pixels; pixel += TilePixels)
            {
                RunTile(runs, weights, pixel, residual, row.Output + first);
            }

            for (; pixel < _pixels; pixel++)
            {
                RunPixel(runs, weights, pixel, residual, row.Output + first);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTile(byte** runs, byte* weights, int pixel, byte* residual, byte* output)
    {
        byte* parameters = weights + (_runRows.Length * _pairsPerRun * TIsa.Width);
        TVector a0 = TIsa.Load(parameters), a1 = a0, a2 = a0, a3 = a0;
        for (int run = 0; run < _runRows.Length; run++)
        {
            byte* p0 = runs[run] + ((long)pixel * _pixelStep), p1 = p0 + _pixelStep, p2 = p1 + _pixelStep, p3 = p2 + _pixelStep;
            byte* end = weights + (_pairsPerRun * TIsa.Width);
            for (nint offset = 0; weights < end; weights += TIsa.Width, offset += sizeof(int))
            {
                TVector w = TIsa.Load(weights);
                a0 = TIsa.AddInt32(a0, TIsa.MultiplyAddInt16(TIsa.Broadcast(p0 + offset), w));
                a1 = TIsa.AddInt32(a1, TIsa.MultiplyAddInt16(TIsa.Broadcast(p1 + offset), w));
                a2 = TIsa.AddInt32(a2, TIsa.MultiplyAddInt16(TIsa.Broadcast(p2 + offset), w));
                a3 = TIsa.AddInt32(a3, TIsa.MultiplyAddInt16(TIsa.Broadcast(p3 + offset), w));
            }
        }

        TVector multiplier = TIsa.Load(parameters + TIsa.Width);
        Store(residual, output, (long)pixel * _outputs, a0, multiplier);
        Store(residual, output, (long)(pixel + 1) * _outputs, a1, multiplier);
        Store(residual, output, (long)(pixel + 2) * _outputs, a2, multiplier);
        Store(residual, output, (long)(pixel + 3) * _outputs, a3, multiplier);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPixel(byte** runs, byte* weights, int pixel, byte* residual, byte* output)
    {
        byte* parameters = weights + (_runRows.Length * _pairsPerRun * TIsa.Width);
        TVector a = TIsa.Load(parameters);
        for (int run = 0; run < _runRows.Length; run++)
        {
            byte* p = runs[run] + ((long)pixel * _pixelStep);
            for (int pair = 0; pair < _pairsPerRun; pair++, weights += TIsa.Width)
            {
                a = TIsa.AddInt32(a, TIsa.MultiplyAddInt16(TIsa.Broadcast(p + (pair * sizeof(int))), TIsa.Load(weights)));
            }
        }

        Store(residual, output, (long)pixel * _outputs, a, TIsa.Load(parameters + TIsa.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(byte* residual, byte* output, long at, TVector sum, TVector multiplier)
    {
        TVector result = residual == null
            ? TIsa.Requantize(sum, multiplier)
            : TIsa.Requantize(sum, multiplier, TIsa.LoadWidenInt32(residual + at), TIsa.FillSingle(_residualMultiplier));
        TIsa.StoreNarrowInt32(output + at, TIsa.MaxInt32(result, TIsa.FillInt32(_low)));
    }

    private void PackChannel(ConvInstruction conv, int channel, int inputs, int values)
    {
        byte* block = _weights.Pointer + ((long)(channel / Lanes) * _blockBytes);
        int lane = channel % Lanes, tapsPerRun = values / inputs;
        for (int run = 0; run < _runRows.Length; run++)
        {
            for (int i = 0; i < values; i++)
            {
                int tap = (run * tapsPerRun) + (i / inputs);
                int source = (((channel * inputs) + (i % inputs)) * conv.Geometry.Area) + tap;
                short* pair = (short*)(block + (((run * _pairsPerRun) + (i / 2)) * TIsa.Width) + (lane * sizeof(int)));
                pair[i % 2] = conv.Weights[source];
            }
        }

        byte* parameters = block + (_runRows.Length * _pairsPerRun * TIsa.Width);
        ((int*)parameters)[lane] = conv.Bias[channel];
        ((float*)(parameters + TIsa.Width))[lane] = conv.Multipliers[channel];
    }
}
