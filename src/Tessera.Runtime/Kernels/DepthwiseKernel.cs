using System.Runtime.CompilerServices;
using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>Depthwise 3×3 convolution of non-negative int8 pixels, stride 1 or 2, with requantization; its reference is <see cref="ReferenceConv"/>.</summary>
/// <remarks>
/// Four input rows are interleaved byte by byte, so that one dot product of four multiplies a column of the kernel. Two output rows share the
/// interleaved rows when the stride is 1. Where a register holds several pixels (fewer channels than bytes) a row is one run of bytes, in
/// which the left and right neighbours lie one pixel before and behind.
/// </remarks>
internal sealed unsafe class DepthwiseKernel<TVector, TIsa, TDot> : ConvRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
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
        RowsAtOnce = conv.Geometry.Rows.Stride == 1 ? 2 : 1;
        _weights = new DepthwiseWeights(conv, TIsa.Width);
        _channels = output.Channels;
        _low = (short)conv.Low;
        int pixelsPerStep = Math.Max(TIsa.Width / _channels, 1);
        _count = output.Width / pixelsPerStep;
        _inputStep = pixelsPerStep * conv.Geometry.Columns.Stride * _channels;
        _outputStep = pixelsPerStep * _channels;
        _restFrom = _count * pixelsPerStep;
        _rest = new ScalarConvKernel(conv, input, output);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int RowsAtOnce { get; }

    /// <summary>Whether the kernel computes a depthwise 3×3 convolution of so many channels.</summary>
    public static bool Supports(int channels, int stride) =>
        channels % TIsa.Width == 0 || (stride == 1 && TIsa.Width % channels == 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ConvRow row)
    {
        for (int block = 0; block < _weights.Blocks; block++)
        {
            int channel = block * TIsa.Width;
            byte* weights = _weights.Block(block), r0 = row.Inputs[0] + channel, r1 = row.Inputs[1] + channel, r2 = row.Inputs[2] + channel;
            if (row.NextOutput == null)
            {
                RunRow(weights, r0, r1, r2, row.Output + channel);
            }
            else
            {
                RunTwoRows(weights, r0, r1, r2, row.Inputs[3] + channel, row.Output + channel, row.NextOutput + channel);
            }
        }

        _rest.RunFrom(row, _restFrom);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTwoRows(byte* weights, byte* r0, byte* r1, byte* r2, byte* r3, byte* upper, byte* lower)
    {
        nint left = -_channels, right = _channels;
        byte* below = weights + _weights.LowerRowOffset, parameters = weights + _weights.ParameterOffset;
        TVector low = TIsa.FillInt16(_low);

        // The weights of one row stay in registers where there are enough; those of the other are operands in memory.
        TVector w0 = Register(weights, 0), w1 = Register(weights, 1), w2 = Register(weights, 2), w3 = Register(weights, 3);
        TVector w4 = Register(weights, 4), w5 = Register(weights, 5), w6 = Register(weights, 6), w7 = Register(weights, 7);
        TVector w8 = Register(weights, 8), w9 = Register(weights, 9), w10 = Register(weights, 10), w11 = Register(weights, 11);
        for (int i = _count; i > 0; i--)
        {
            TVector s0 = Register(parameters, 0), s1 = Register(parameters, 1), s2 = Register(parameters, 2), s3 = Register(parameters, 3);
            TVector t0 = s0, t1 = s1, t2 = s2, t3 = s3;
            Interleave(TIsa.Load(r0 + left), TIsa.Load(r1 + left), TIsa.Load(r2 + left), TIsa.Load(r3 + left), out TVector q0, out TVector q1, out TVector q2, out TVector q3);
            s0 = TDot.Add(s0, q0, w0);
            s1 = TDot.Add(s1, q1, w1);
            s2 = TDot.Add(s2, q2, w2);
            s3 = TDot.Add(s3, q3, w3);
            t0 = TDot.Add(t0, q0, Register(below, 0));
            t1 = TDot.Add(t1, q1, Register(below, 1));
            t2 = TDot.Add(t2, q2, Register(below, 2));
            t3 = TDot.Add(t3, q3, Register(below, 3));
            Interleave(TIsa.Load(r0), TIsa.Load(r1), TIsa.Load(r2), TIsa.Load(r3), out q0, out q1, out q2, out q3);
            s0 = TDot.Add(s0, q0, w4);
            s1 = TDot.Add(s1, q1, w5);
            s2 = TDot.Add(s2, q2, w6);
            s3 = TDot.Add(s3, q3, w7);
            t0 = TDot.Add(t0, q0, Register(below, 4));
            t1 = TDot.Add(t1, q1, Register(below, 5));
            t2 = TDot.Add(t2, q2, Register(below, 6));
            t3 = TDot.Add(t3, q3, Register(below, 7));
            Interleave(TIsa.Load(r0 + right), TIsa.Load(r1 + right), TIsa.Load(r2 + right), TIsa.Load(r3 + right), out q0, out q1, out q2, out q3);
            s0 = TDot.Add(s0, q0, w8);
            s1 = TDot.Add(s1, q1, w9);
            s2 = TDot.Add(s2, q2, w10);
            s3 = TDot.Add(s3, q3, w11);
            t0 = TDot.Add(t0, q0, Register(below, 8));
            t1 = TDot.Add(t1, q1, Register(below, 9));
            t2 = TDot.Add(t2, q2, Register(below, 10));
            t3 = TDot.Add(t3, q3, Register(below, 11));
            Store(upper, parameters, s0, s1, s2, s3, low);
            Store(lower, parameters, t0, t1, t2, t3, low);
            r0 += _inputStep;
            r1 += _inputStep;
            r2 += _inputStep;
            r3 += _inputStep;
            upper += _outputStep;
            lower += _outputStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunRow(byte* weights, byte* r0, byte* r1, byte* r2, byte* output)
    {
        nint left = -_channels, right = _channels;
        byte* parameters = weights + _weights.ParameterOffset;
        TVector low = TIsa.FillInt16(_low);
        for (int i = _count; i > 0; i--)
        {
            TVector s0 = Register(parameters, 0), s1 = Register(parameters, 1), s2 = Register(parameters, 2), s3 = Register(parameters, 3);

            // The fourth row meets weights of zero; the third stands in for it.
            TVector last = TIsa.Load(r2 + left);
            Interleave(TIsa.Load(r0 + left), TIsa.Load(r1 + left), last, last, out TVector q0, out TVector q1, out TVector q2, out TVector q3);
            s0 = TDot.Add(s0, q0, Register(weights, 0));
            s1 = TDot.Add(s1, q1, Register(weights, 1));
            s2 = TDot.Add(s2, q2, Register(weights, 2));
            s3 = TDot.Add(s3, q3, Register(weights, 3));
            last = TIsa.Load(r2);
            Interleave(TIsa.Load(r0), TIsa.Load(r1), last, last, out q0, out q1, out q2, out q3);
            s0 = TDot.Add(s0, q0, Register(weights, 4));
            s1 = TDot.Add(s1, q1, Register(weights, 5));
            s2 = TDot.Add(s2, q2, Register(weights, 6));
            s3 = TDot.Add(s3, q3, Register(weights, 7));
            last = TIsa.Load(r2 + right);
            Interleave(TIsa.Load(r0 + right), TIsa.Load(r1 + right), last, last, out q0, out q1, out q2, out q3);
            s0 = TDot.Add(s0, q0, Register(weights, 8));
            s1 = TDot.Add(s1, q1, Register(weights, 9));
            s2 = TDot.Add(s2, q2, Register(weights, 10));
            s3 = TDot.Add(s3, q3, Register(weights, 11));
            Store(output, parameters, s0, s1, s2, s3, low);
            r0 += _inputStep;
            r1 += _inputStep;
            r2 += _inputStep;
            output += _outputStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Register(byte* memory, int index) => TIsa.Load(memory + (index * TIsa.Width));

    /// <summary>Four rows to groups of four bytes, one of each row: the first four bytes of every 128-bit lane, then the next four, and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(TVector a, TVector b, TVector c, TVector d, out TVector q0, out TVector q1, out TVector q2, out TVector q3)
    {
        TVector ab = TIsa.UnpackLowBytes(a, b), cd = TIsa.UnpackLowBytes(c, d);
        q0 = TIsa.UnpackLowInt16(ab, cd);
        q1 = TIsa.UnpackHighInt16(ab, cd);
        ab = TIsa.UnpackHighBytes(a, b);
        cd = TIsa.UnpackHighBytes(c, d);
        q2 = TIsa.UnpackLowInt16(ab, cd);
        q3 = TIsa.UnpackHighInt16(ab, cd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(byte* output, byte* parameters, TVector s0, TVector s1, TVector s2, TVector s3, TVector low)
    {
        s0 = TIsa.Requantize(s0, Register(parameters, 4));
        s1 = TIsa.Requantize(s1, Register(parameters, 5));
        s2 = TIsa.Requantize(s2, Register(parameters, 6));
        s3 = TIsa.Requantize(s3, Register(parameters, 7));
        TIsa.Store(output, TIsa.PackInt16(TIsa.MaxInt16(TIsa.PackInt32(s0, s1), low), TIsa.MaxInt16(TIsa.PackInt32(s2, s3), low)));
    }
}
