using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>Any convolution, one value after another: the scalar kernel set, the forms that no vector kernel takes, and the ends of rows.</summary>
internal sealed unsafe class ScalarConvKernel : ConvRowKernel
{
    private readonly ConvInstruction _conv;
    private readonly sbyte[] _weights;
    private readonly int _inputChannels;
    private readonly int _outputChannels;
    private readonly int _pixels;

    /// <summary>Arranges the weights.</summary>
    public ScalarConvKernel(ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        _conv = conv;
        _inputChannels = input.Channels;
        _outputChannels = output.Channels;
        _pixels = output.Width;
        _weights = ByTap(conv);
    }

    /// <inheritdoc/>
    public override string Name => "scalar convolution";

    /// <inheritdoc/>
    public override void Run(in ConvRow row) => RunFrom(row, 0);

    /// <summary>Computes the pixels from <paramref name="first"/> to the row's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunFrom(in ConvRow row, int first)
    {
        RunRow(row.Inputs, row.Residual, row.Output, first);
        if (row.NextOutput != null)
        {
            RunRow(row.Inputs + _conv.Geometry.Rows.Stride, null, row.NextOutput, first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunRow(byte** inputs, byte* residualRow, byte* outputRow, int first)
    {
        (ConvAxis rows, ConvAxis columns, int groups) = _conv.Geometry;
        int fanIn = _inputChannels / groups, perGroup = _outputChannels / groups, step = columns.Dilation * _inputChannels;
        for (int pixel = first; pixel < _pixels; pixel++)
        {
            sbyte* output = (sbyte*)outputRow + ((long)pixel * _outputChannels);
            sbyte* residual = residualRow == null ? null : (sbyte*)residualRow + ((long)pixel * _outputChannels);
            long left = (long)((pixel * columns.Stride) - columns.Padding) * _inputChannels;
            for (int channel = 0; channel < _outputChannels; channel++)
            {
                long start = left + (channel / perGroup * fanIn);
                int sum = _conv.Bias[channel];
                fixed (sbyte* weights = &_weights[channel * _conv.Geometry.Area * fanIn])
                {
                    sbyte* tap = weights;
                    for (int ky = 0; ky < rows.Kernel; ky++)
                    {
                        sbyte* values = (sbyte*)inputs[ky * rows.Dilation] + start;
                        for (int kx = 0; kx < columns.Kernel; kx++, values += step, tap += fanIn)
                        {
                            for (int i = 0; i < fanIn; i++)
                            {
                                sum += values[i] * tap[i];
                            }
                        }
                    }
                }

                output[channel] = residual == null
                    ? Int8Arithmetic.Requantize(sum, _conv.Multipliers[channel], _conv.Low)
                    : Int8Arithmetic.Requantize(sum, _conv.Multipliers[channel], residual[channel], _conv.ResidualMultiplier, _conv.Low);
            }
        }
    }

    /// <summary>Weights as output channel × kernel position × input channel: a pixel's channels meet theirs side by side.</summary>
    private static sbyte[] ByTap(ConvInstruction conv)
    {
        int area = conv.Geometry.Area, fanIn = conv.FanIn / area;
        var weights = new sbyte[conv.Weights.Length];
        for (int channel = 0; channel < conv.Bias.Length; channel++)
        {
            for (int i = 0; i < fanIn; i++)
            {
                for (int tap = 0; tap < area; tap++)
                {
                    weights[(((channel * area) + tap) * fanIn) + i] = conv.Weights[(((channel * fanIn) + i) * area) + tap];
                }
            }
        }

        return weights;
    }
}
