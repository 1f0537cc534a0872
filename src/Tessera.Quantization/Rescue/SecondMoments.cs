using System.Numerics;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Rescue;

/// <summary>
/// The second moments <c>Σ x·xᵀ</c> of what a convolution's weights meet, one matrix per group: with them the error that any rounding of the weights makes is known without
/// the images (<see cref="AdaptiveRounding"/>). Some positions of some images are looked at, always the same ones; memory does not grow with their number.
/// </summary>
/// <param name="conv">The convolution.</param>
/// <param name="input">The shape that it reads; one image of it.</param>
internal sealed class SecondMoments(Conv2d conv, TensorShape input)
{
    private const int MostImages = 64;
    private const int MostPositions = 1024; // of an image

    private readonly int _fanIn = conv.FanIn;
    private readonly float[] _one = new float[(long)conv.Geometry.Groups * conv.FanIn * conv.FanIn];
    private readonly double[] _all = new double[(long)conv.Geometry.Groups * conv.FanIn * conv.FanIn];
    private readonly float[] _patch = new float[conv.FanIn];
    private int _images;

    /// <summary>A group's matrix, row by row.</summary>
    public ReadOnlySpan<double> Of(int group) => _all.AsSpan(group * _fanIn * _fanIn, _fanIn * _fanIn);

    /// <summary>Takes a batch of the convolution's input, N×C×H×W.</summary>
    public void Take(ReadOnlySpan<float> values)
    {
        int length = input.C * input.H * input.W;
        for (int start = 0; start + length <= values.Length && _images < MostImages; start += length, _images++)
        {
            TakeImage(values.Slice(start, length));
        }
    }

    private void TakeImage(ReadOnlySpan<float> image)
    {
        int height = conv.Geometry.Rows.OutputSize(input.H), width = conv.Geometry.Columns.OutputSize(input.W), positions = height * width;
        Array.Clear(_one); // float32 sums stay short: one image's
        double step = Math.Max(1, (double)positions / MostPositions);
        for (double at = 0; at < positions; at += step)
        {
            (int y, int x) = Math.DivRem((int)at, width);
            for (int group = 0; group < conv.Geometry.Groups; group++)
            {
                ReadPatch(image, group, y, x);
                AddProducts(_one.AsSpan(group * _fanIn * _fanIn, _fanIn * _fanIn));
            }
        }

        for (int i = 0; i < _all.Length; i++)
        {
            _all[i] += _one[i];
        }
    }

    private void ReadPatch(ReadOnlySpan<float> image, int group, int y, int x)
    {
        (ConvAxis rows, ConvAxis columns, int groups) = conv.Geometry;
        int channels = conv.InChannels / groups, at = 0;
        for (int channel = group * channels; channel < (group + 1) * channels; channel++)
        {
            for (int ky = 0; ky < rows.Kernel; ky++)
            {
                int sy = rows.SourceOf(y, ky);
                for (int kx = 0; kx < columns.Kernel; kx++, at++)
                {
                    int sx = columns.SourceOf(x, kx);
                    _patch[at] = (uint)sy < (uint)input.H && (uint)sx < (uint)input.W ? image[(((channel * input.H) + sy) * input.W) + sx] : 0;
                }
            }
        }
    }

    private void AddProducts(Span<float> matrix)
    {
        ReadOnlySpan<Vector<float>> patch = MemoryMarshal.Cast<float, Vector<float>>(_patch);
        for (int i = 0; i < _fanIn; i++)
        {
            float x = _patch[i];
            if (x == 0)
            {
                continue; // most values behind a ReLU
            }

            Span<float> row = matrix.Slice(i * _fanIn, _fanIn);
            Span<Vector<float>> lanes = MemoryMarshal.Cast<float, Vector<float>>(row);
            for (int j = 0; j < lanes.Length; j++)
            {
                lanes[j] += patch[j] * x;
            }

            for (int j = lanes.Length * Vector<float>.Count; j < _fanIn; j++)
            {
                row[j] += _patch[j] * x;
            }
        }
    }
}
