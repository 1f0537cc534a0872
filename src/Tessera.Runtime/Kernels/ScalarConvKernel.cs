using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>Any convolution, one value after another: the scalar kernel set, layers whose results may leave int32 (<see cref="RequantizedRange"/>), and those of integer-only devices.</summary>
internal sealed unsafe class ScalarConvKernel : ConvRowKernel
{
    /// <summary>What it is called in tables.</summary>
    public const string KernelName = "scalar convolution";

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
    public override string Name => KernelName;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ConvRow row)
    {
        (ConvAxis rows, ConvAxis columns, int groups) = _conv.Geometry;
        int fanIn = _inputChannels / groups, perGroup = _outputChannels / groups, step = columns.Dilation * _inputChannels;
        for (int pixel = 0; pixel < _pixels; pixel++)
        {
            sbyte* output = (sbyte*)row.Output + ((long)pixel * _outputChannels);
            sbyte* residual = row.Residual == null ? null : (sbyte*)row.Residual + ((long)pixel * _outputChannels);
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
                        sbyte* values = (sbyte*)row.Inputs[ky * rows.Dilation] + start;
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
                    ? _conv.Requantization.Requantize(sum, _conv.Multipliers[channel], _conv.Low)
                    : _conv.Requantization.Requantize(sum, _conv.Multipliers[channel], residual[channel], _conv.ResidualMultiplier, _conv.Low);
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
