using System.Runtime.CompilerServices;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>Depthwise 3×3 convolution of non-negative int8 pixels, stride 1 or 2, with requantization; its reference is <see cref="ReferenceConv"/>.</summary>
/// <remarks>
/// Two taps at a time are interleaved byte by byte, so that one instruction multiplies both and adds. Where a register holds several pixels
/// (fewer channels than bytes) a row is one run of bytes, in which the left and right neighbours lie one pixel before and behind.
/// </remarks>
internal sealed unsafe class DepthwiseKernel<TVector, TIsa> : ConvRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    private readonly DepthwiseWeights _weights;
    private readonly ScalarConvKernel _rest;
    private readonly int _channels;
    private readonly int _count;
    private readonly int _inputStep;
    private readonly int _outputStep;
    private readonly int _restFrom;
    private readonly short _low;

    /// <summary>Packs the weights.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="conv">A depthwise 3×3 convolution for which <see cref="Supports"/> holds.</param>
    /// <param name="input">Shape of its input, values of 0..127.</param>
    /// <param name="output">Shape of its output.</param>
    public DepthwiseKernel(string name, ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        Name = name;
        _weights = new DepthwiseWeights(conv, TIsa.Width);
        _channels = output.Channels;
        _low = (short)conv.Low;
        bool severalPixels = _channels < TIsa.Width;
        int pixelsPerStep = severalPixels ? TIsa.Width / _channels : 1;
        _count = output.Width / pixelsPerStep;
        _inputStep = pixelsPerStep * conv.Stride * _channels;
        _outputStep = pixelsPerStep * _channels;
        _restFrom = _count * pixelsPerStep;
        _rest = new ScalarConvKernel(conv, input, output);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Whether the kernel computes a depthwise 3×3 convolution of so many channels.</summary>
    public static bool Supports(int channels, int stride) =>
        channels % TIsa.Width == 0 || (stride == 1 && TIsa.Width % channels == 0);

    /// <inheritdoc/>
    public override void Run(in ConvRow row)
    {
        for (int block = 0; block < _weights.Blocks; block++)
        {
            int channel = block * TIsa.Width;
            byte* top = row.Inputs[0] + channel, middle = row.Inputs[1] + channel, bottom = row.Inputs[2] + channel;
            if (_weights.IsNarrow)
            {
                RunNarrow(_weights.Block(block), top, middle, bottom, row.Output + channel);
            }
            else
            {
                RunWide(_weights.Block(block), top, middle, bottom, row.Output + channel);
            }
        }

        _rest.RunFrom(row, _restFrom);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunNarrow(byte* weights, byte* top, byte* middle, byte* bottom, byte* output)
    {
        nint left = -_channels, right = _channels;
        byte* parameters = weights + _weights.ParameterOffset;
        TVector w0 = Weight(weights, 0), w1 = Weight(weights, 1), w2 = Weight(weights, 2), w3 = Weight(weights, 3), w4 = Weight(weights, 4);
        TVector w5 = Weight(weights, 5), w6 = Weight(weights, 6), w7 = Weight(weights, 7), w8 = Weight(weights, 8), w9 = Weight(weights, 9);
        TVector ones = TIsa.FillInt16(1), low = TIsa.FillInt16(_low);
        for (int i = _count; i > 0; i--)
        {
            TVector a = TIsa.Load(top + left), b = TIsa.Load(middle + left);
            TVector c = TIsa.Load(top), d = TIsa.Load(middle);
            TVector e = TIsa.Load(top + right), f = TIsa.Load(middle + right);
            TVector six0 = TIsa.AddInt16(
                TIsa.AddInt16(TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(a, b), w0), TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(c, d), w2)),
                TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(e, f), w4));
            TVector six1 = TIsa.AddInt16(
                TIsa.AddInt16(TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(a, b), w1), TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(c, d), w3)),
                TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(e, f), w5));
            a = TIsa.Load(bottom + left);
            b = TIsa.Load(bottom);
            c = TIsa.Load(bottom + right);
            TVector three0 = TIsa.AddInt16(TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(a, b), w6), TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(c, c), w8));
            TVector three1 = TIsa.AddInt16(TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(a, b), w7), TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(c, c), w9));

            Store(
                output,
                parameters,
                TIsa.MultiplyAddInt16(TIsa.UnpackLowInt16(six0, three0), ones),
                TIsa.MultiplyAddInt16(TIsa.UnpackHighInt16(six0, three0), ones),
                TIsa.MultiplyAddInt16(TIsa.UnpackLowInt16(six1, three1), ones),
                TIsa.MultiplyAddInt16(TIsa.UnpackHighInt16(six1, three1), ones),
                low);
            top += _inputStep;
            middle += _inputStep;
            bottom += _inputStep;
            output += _outputStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunWide(byte* weights, byte* top, byte* middle, byte* bottom, byte* output)
    {
        nint left = -_channels, right = _channels;
        byte* parameters = weights + _weights.ParameterOffset;
        TVector w0 = Weight(weights, 0), w1 = Weight(weights, 1), w2 = Weight(weights, 2), w3 = Weight(weights, 3), w4 = Weight(weights, 4);
        TVector w5 = Weight(weights, 5), w6 = Weight(weights, 6), w7 = Weight(weights, 7), w8 = Weight(weights, 8), w9 = Weight(weights, 9);
        TVector ones = TIsa.FillInt16(1), low = TIsa.FillInt16(_low);
        for (int i = _count; i > 0; i--)
        {
            TVector a = TIsa.Load(top + left), b = TIsa.Load(middle + left);
            TVector c = TIsa.Load(top), d = TIsa.Load(middle);
            TVector p0 = TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(a, b), w0), p1 = TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(c, d), w2);
            TVector q0 = TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(a, b), w1), q1 = TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(c, d), w3);
            TVector s0 = TIsa.MultiplyAddInt16(TIsa.UnpackLowInt16(p0, p1), ones), s1 = TIsa.MultiplyAddInt16(TIsa.UnpackHighInt16(p0, p1), ones);
            TVector s2 = TIsa.MultiplyAddInt16(TIsa.UnpackLowInt16(q0, q1), ones), s3 = TIsa.MultiplyAddInt16(TIsa.UnpackHighInt16(q0, q1), ones);

            a = TIsa.Load(top + right);
            b = TIsa.Load(middle + right);
            c = TIsa.Load(bottom + left);
            d = TIsa.Load(bottom);
            p0 = TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(a, b), w4);
            p1 = TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(c, d), w6);
            q0 = TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(a, b), w5);
            q1 = TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(c, d), w7);
            s0 = TIsa.AddInt32(s0, TIsa.MultiplyAddInt16(TIsa.UnpackLowInt16(p0, p1), ones));
            s1 = TIsa.AddInt32(s1, TIsa.MultiplyAddInt16(TIsa.UnpackHighInt16(p0, p1), ones));
            s2 = TIsa.AddInt32(s2, TIsa.MultiplyAddInt16(TIsa.UnpackLowInt16(q0, q1), ones));
            s3 = TIsa.AddInt32(s3, TIsa.MultiplyAddInt16(TIsa.UnpackHighInt16(q0, q1), ones));

            a = TIsa.Load(bottom + right);
            p0 = TIsa.MultiplyAddBytes(TIsa.UnpackLowBytes(a, a), w8);
            q0 = TIsa.MultiplyAddBytes(TIsa.UnpackHighBytes(a, a), w9);
            Store(
                output,
                parameters,
                TIsa.AddInt32(s0, TIsa.WidenLow(p0)),
                TIsa.AddInt32(s1, TIsa.WidenHigh(p0)),
                TIsa.AddInt32(s2, TIsa.WidenLow(q0)),
                TIsa.AddInt32(s3, TIsa.WidenHigh(q0)),
                low);
            top += _inputStep;
            middle += _inputStep;
            bottom += _inputStep;
            output += _outputStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Weight(byte* weights, int index) => TIsa.Load(weights + (index * TIsa.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(byte* output, byte* parameters, TVector s0, TVector s1, TVector s2, TVector s3, TVector low)
    {
        s0 = TIsa.Requantize(TIsa.AddInt32(s0, TIsa.Load(parameters)), TIsa.Load(parameters + (4 * TIsa.Width)));
        s1 = TIsa.Requantize(TIsa.AddInt32(s1, TIsa.Load(parameters + TIsa.Width)), TIsa.Load(parameters + (5 * TIsa.Width)));
        s2 = TIsa.Requantize(TIsa.AddInt32(s2, TIsa.Load(parameters + (2 * TIsa.Width))), TIsa.Load(parameters + (6 * TIsa.Width)));
        s3 = TIsa.Requantize(TIsa.AddInt32(s3, TIsa.Load(parameters + (3 * TIsa.Width))), TIsa.Load(parameters + (7 * TIsa.Width)));
        TIsa.Store(output, TIsa.PackInt16(TIsa.MaxInt16(TIsa.PackInt32(s0, s1), low), TIsa.MaxInt16(TIsa.PackInt32(s2, s3), low)));
    }
}
