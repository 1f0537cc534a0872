using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>Depthwise 3×3 convolution of non-negative int8 pixels, with requantization; its reference is <see cref="ReferenceConv"/>.</summary>
/// <remarks>
/// Four input rows are interleaved byte by byte, so that one dot product of four multiplies a column of the kernel. Two output rows share the
/// interleaved rows when they are neighbours. Registers lie across pixels where that is possible (<see cref="RegisterRow"/>): the left and right
/// neighbours of all lanes lie one pixel before and behind.
/// </remarks>
internal sealed unsafe class DepthwiseKernel<TVector, TIsa, TDot> : ConvRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
{
    private readonly DepthwiseWeights _weights;
    private readonly RegisterRow _registers;
    private readonly int _rowStep;
    private readonly int _left;
    private readonly int _columnStep;
    private readonly short _low;

    /// <summary>Packs the weights.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="conv">A convolution for which <see cref="Supports"/> holds.</param>
    /// <param name="input">Shape of its input, values of 0..127.</param>
    /// <param name="output">Shape of its output.</param>
    public DepthwiseKernel(string name, ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        Name = name;
        RowsAtOnce = rows is { Stride: 1, Dilation: 1 } ? 2 : 1;
        _registers = Registers(conv, output);
        _weights = new DepthwiseWeights(conv, TIsa.Width, _registers);
        _rowStep = rows.Dilation;
        _left = -columns.Padding * input.Channels;
        _columnStep = columns.Dilation * input.Channels;
        _low = (short)conv.Low;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int RowsAtOnce { get; }

    /// <summary>Whether the kernel computes a depthwise convolution.</summary>
    public static bool Supports(ConvInstruction conv) => conv.Residual is null && conv.Geometry is { Rows.Kernel: 3, Columns.Kernel: 3 };

    /// <summary>How registers lie on a row.</summary>
    public static RegisterRow Registers(ConvInstruction conv, IntegerTensor output) => new(output.Channels, output.Width, conv.Geometry.Columns.Stride, TIsa.Width);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ConvRow row)
    {
        for (int i = 0; i < _registers.Blocks.Length; i++)
        {
            (int first, int count) = _registers.Blocks[i];
            int at = first + _left;
            byte* weights = _weights.Block(i), r0 = row.Inputs[0] + at, r1 = row.Inputs[_rowStep] + at, r2 = row.Inputs[2 * _rowStep] + at;
            if (row.NextOutput == null)
            {
                RunRow(weights, r0, r1, r2, row.Output + first, count);
            }
            else
            {
                RunTwoRows(weights, r0, r1, r2, row.Inputs[3] + at, row.Output + first, row.NextOutput + first, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTwoRows(byte* weights, byte* r0, byte* r1, byte* r2, byte* r3, byte* upper, byte* lower, int count)
    {
        nint step = _columnStep, inputStep = _registers.InputStep, outputStep = _registers.OutputStep;
        byte* below = weights + _weights.LowerRowOffset, parameters = weights + _weights.ParameterOffset;
        TVector low = TIsa.FillInt16(_low);

        // The weights of one row stay in registers where there are enough; those of the other are operands in memory.
        TVector w0 = Register(weights, 0), w1 = Register(weights, 1), w2 = Register(weights, 2), w3 = Register(weights, 3);
        TVector w4 = Register(weights, 4), w5 = Register(weights, 5), w6 = Register(weights, 6), w7 = Register(weights, 7);
        TVector w8 = Register(weights, 8), w9 = Register(weights, 9), w10 = Register(weights, 10), w11 = Register(weights, 11);
        for (; count > 0; count--)
        {
            TVector s0 = Register(parameters, 0), s1 = Register(parameters, 1), s2 = Register(parameters, 2), s3 = Register(parameters, 3);
            TVector t0 = s0, t1 = s1, t2 = s2, t3 = s3;
            Interleave(TIsa.Load(r0), TIsa.Load(r1), TIsa.Load(r2), TIsa.Load(r3), out TVector q0, out TVector q1, out TVector q2, out TVector q3);
            s0 = TDot.Add(s0, q0, w0);
            s1 = TDot.Add(s1, q1, w1);
            s2 = TDot.Add(s2, q2, w2);
            s3 = TDot.Add(s3, q3, w3);
            t0 = TDot.Add(t0, q0, Register(below, 0));
            t1 = TDot.Add(t1, q1, Register(below, 1));
            t2 = TDot.Add(t2, q2, Register(below, 2));
            t3 = TDot.Add(t3, q3, Register(below, 3));
            Interleave(TIsa.Load(r0 + step), TIsa.Load(r1 + step), TIsa.Load(r2 + step), TIsa.Load(r3 + step), out q0, out q1, out q2, out q3);
            s0 = TDot.Add(s0, q0, w4);
            s1 = TDot.Add(s1, q1, w5);
            s2 = TDot.Add(s2, q2, w6);
            s3 = TDot.Add(s3, q3, w7);
            t0 = TDot.Add(t0, q0, Register(below, 4));
            t1 = TDot.Add(t1, q1, Register(below, 5));
            t2 = TDot.Add(t2, q2, Register(below, 6));
            t3 = TDot.Add(t3, q3, Register(below, 7));
            Interleave(TIsa.Load(r0 + (2 * step)), TIsa.Load(r1 + (2 * step)), TIsa.Load(r2 + (2 * step)), TIsa.Load(r3 + (2 * step)), out q0, out q1, out q2, out q3);
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
            r0 += inputStep;
            r1 += inputStep;
            r2 += inputStep;
            r3 += inputStep;
            upper += outputStep;
            lower += outputStep;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunRow(byte* weights, byte* r0, byte* r1, byte* r2, byte* output, int count)
    {
        nint step = _columnStep, inputStep = _registers.InputStep, outputStep = _registers.OutputStep;
        byte* parameters = weights + _weights.ParameterOffset;
        TVector low = TIsa.FillInt16(_low);
        for (; count > 0; count--)
        {
            TVector s0 = Register(parameters, 0), s1 = Register(parameters, 1), s2 = Register(parameters, 2), s3 = Register(parameters, 3);

            // The fourth row meets weights of zero; the third stands in for it.
            TVector last = TIsa.Load(r2);
            Interleave(TIsa.Load(r0), TIsa.Load(r1), last, last, out TVector q0, out TVector q1, out TVector q2, out TVector q3);
            s0 = TDot.Add(s0, q0, Register(weights, 0));
            s1 = TDot.Add(s1, q1, Register(weights, 1));
            s2 = TDot.Add(s2, q2, Register(weights, 2));
            s3 = TDot.Add(s3, q3, Register(weights, 3));
            last = TIsa.Load(r2 + step);
            Interleave(TIsa.Load(r0 + step), TIsa.Load(r1 + step), last, last, out q0, out q1, out q2, out q3);
            s0 = TDot.Add(s0, q0, Register(weights, 4));
            s1 = TDot.Add(s1, q1, Register(weights, 5));
            s2 = TDot.Add(s2, q2, Register(weights, 6));
            s3 = TDot.Add(s3, q3, Register(weights, 7));
            last = TIsa.Load(r2 + (2 * step));
            Interleave(TIsa.Load(r0 + (2 * step)), TIsa.Load(r1 + (2 * step)), last, last, out q0, out q1, out q2, out q3);
            s0 = TDot.Add(s0, q0, Register(weights, 8));
            s1 = TDot.Add(s1, q1, Register(weights, 9));
            s2 = TDot.Add(s2, q2, Register(weights, 10));
            s3 = TDot.Add(s3, q3, Register(weights, 11));
            Store(output, parameters, s0, s1, s2, s3, low);
            r0 += inputStep;
            r1 += inputStep;
            r2 += inputStep;
            output += outputStep;
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
