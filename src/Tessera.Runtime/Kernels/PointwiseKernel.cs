using System.Runtime.CompilerServices;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>1×1 convolution of non-negative int8 pixels, with requantization and an optional residual; its reference is <see cref="ReferenceConv"/>.</summary>
/// <remarks>
/// Six pixels (eight where there are 32 registers) by two registers of output channels are computed at a time: sums that stay in registers
/// while the input channels pass.
/// The weights of a block of output channels stay in the first-level cache while the row's pixels pass.
/// </remarks>
internal sealed unsafe class PointwiseKernel<TVector, TIsa, TDot> : ConvRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
{
    private readonly PointwiseWeights _weights;
    private readonly int _pixels;
    private readonly int _outputs;
    private readonly short _low;
    private readonly float _residualMultiplier;

    /// <summary>Packs the weights.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="conv">A 1×1 convolution that reads values of 0..127 in a multiple of four channels.</param>
    /// <param name="pixels">Pixels of a row.</param>
    public PointwiseKernel(string name, ConvInstruction conv, int pixels)
    {
        Name = name;
        _weights = new PointwiseWeights(conv, TIsa.Width, TDot.HasPairs);
        _pixels = pixels;
        _outputs = conv.Bias.Length;
        _low = (short)conv.Low;
        _residualMultiplier = conv.ResidualMultiplier;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    private static int TilePixels => TIsa.Registers == 32 ? 8 : 6;

    /// <inheritdoc/>
    public override void Run(in ConvRow row)
    {
        // The last block comes first: where its channels do not fill it, it writes into the next pixel, whose channels are written afterwards.
        for (int block = _weights.Blocks - 1; block >= 0; block--)
        {
            int first = block * _weights.BlockChannels;
            int channels = Math.Min(_weights.BlockChannels, _outputs - first);
            RunBlock(block, channels, row.Inputs[0], row.Residual == null ? null : row.Residual + first, row.Output + first);
        }
    }

    /// <summary>Full tiles; the last one is moved back to end with the row and computes some pixels again, to the same values.</summary>
    private void RunBlock(int block, int channels, byte* input, byte* residual, byte* output)
    {
        byte* weights = _weights.Block(block);
        int pairs = _weights.PairCounts[block], missing = _weights.BlockChannels - channels;
        for (int pixel = 0; pixel < _pixels; pixel += TilePixels)
        {
            int count = Math.Min(TilePixels, _pixels), at = Math.Min(pixel, _pixels - count);
            byte* source = input + ((long)at * _weights.Inputs), added = residual == null ? null : residual + ((long)at * _outputs), target = output + ((long)at * _outputs);
            if (missing > 0 && (long)(at + count) * _outputs + missing > (long)_pixels * _outputs)
            {
                RunAside(weights, pairs, channels, count, source, added, target);
            }
            else if (count == TilePixels)
            {
                RunTile(weights, pairs, source, added, target, _outputs);
            }
            else
            {
                for (int i = 0; i < count; i++)
                {
                    RunPixel(weights, source + (i * _weights.Inputs), added == null ? null : added + (i * _outputs), target + (i * _outputs));
                }
            }
        }
    }

    /// <summary>Pixels at the row's end whose block of channels is not full: computed aside, then the channels that exist are copied.</summary>
    private void RunAside(byte* weights, int pairs, int channels, int count, byte* input, byte* residual, byte* output)
    {
        int width = _weights.BlockChannels;
        byte* results = stackalloc byte[TilePixels * width], shortcut = stackalloc byte[TilePixels * width];
        for (int i = 0; residual != null && i < count; i++)
        {
            Unsafe.CopyBlockUnaligned(shortcut + (i * width), residual + (i * _outputs), (uint)channels);
        }

        byte* added = residual == null ? null : shortcut;
        if (count == TilePixels)
        {
            RunTile(weights, pairs, input, added, results, width);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                RunPixel(weights, input + (i * _weights.Inputs), added == null ? null : added + (i * width), results + (i * width));
            }
        }

        for (int i = 0; i < count; i++)
        {
            Unsafe.CopyBlockUnaligned(output + (i * _outputs), results + (i * width), (uint)channels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTile(byte* weights, int pairs, byte* input, byte* residual, byte* output, int outputStride)
    {
        int inputs = _weights.Inputs;
        byte* parameters = weights + _weights.ParameterOffset;
        int* offsets = (int*)(weights + _weights.OffsetsOffset);
        int* end = offsets + (inputs / 4);
        int* pairEnd = offsets + (pairs * 2);
        byte* p0 = input, p1 = p0 + inputs, p2 = p1 + inputs, p3 = p2 + inputs, p4 = p3 + inputs, p5 = p4 + inputs, p6 = p5 + inputs, p7 = p6 + inputs;

        TVector bias0 = TIsa.Load(parameters), bias1 = TIsa.Load(parameters + TIsa.Width);
        TVector a0 = bias0, a1 = bias0, a2 = bias0, a3 = bias0, a4 = bias0, a5 = bias0, a6 = bias0, a7 = bias0;
        TVector b0 = bias1, b1 = bias1, b2 = bias1, b3 = bias1, b4 = bias1, b5 = bias1, b6 = bias1, b7 = bias1;
        if (TDot.HasPairs)
        {
            for (; offsets < pairEnd; offsets += 2, weights += 4 * TIsa.Width)
            {
                TVector wa = TIsa.Load(weights), wb = TIsa.Load(weights + TIsa.Width), xa = TIsa.Load(weights + (2 * TIsa.Width)), xb = TIsa.Load(weights + (3 * TIsa.Width));
                nint o = offsets[0], n = offsets[1];
                TVector u = TIsa.Broadcast(p0 + o), v = TIsa.Broadcast(p0 + n);
                a0 = TDot.AddPair(a0, u, wa, v, xa);
                b0 = TDot.AddPair(b0, u, wb, v, xb);
                u = TIsa.Broadcast(p1 + o);
                v = TIsa.Broadcast(p1 + n);
                a1 = TDot.AddPair(a1, u, wa, v, xa);
                b1 = TDot.AddPair(b1, u, wb, v, xb);
                u = TIsa.Broadcast(p2 + o);
                v = TIsa.Broadcast(p2 + n);
                a2 = TDot.AddPair(a2, u, wa, v, xa);
                b2 = TDot.AddPair(b2, u, wb, v, xb);
                u = TIsa.Broadcast(p3 + o);
                v = TIsa.Broadcast(p3 + n);
                a3 = TDot.AddPair(a3, u, wa, v, xa);
                b3 = TDot.AddPair(b3, u, wb, v, xb);
                u = TIsa.Broadcast(p4 + o);
                v = TIsa.Broadcast(p4 + n);
                a4 = TDot.AddPair(a4, u, wa, v, xa);
                b4 = TDot.AddPair(b4, u, wb, v, xb);
                u = TIsa.Broadcast(p5 + o);
                v = TIsa.Broadcast(p5 + n);
                a5 = TDot.AddPair(a5, u, wa, v, xa);
                b5 = TDot.AddPair(b5, u, wb, v, xb);
                if (TIsa.Registers == 32)
                {
                    u = TIsa.Broadcast(p6 + o);
                    v = TIsa.Broadcast(p6 + n);
                    a6 = TDot.AddPair(a6, u, wa, v, xa);
                    b6 = TDot.AddPair(b6, u, wb, v, xb);
                    u = TIsa.Broadcast(p7 + o);
                    v = TIsa.Broadcast(p7 + n);
                    a7 = TDot.AddPair(a7, u, wa, v, xa);
                    b7 = TDot.AddPair(b7, u, wb, v, xb);
                }
            }
        }

        for (; offsets < end; offsets++, weights += 2 * TIsa.Width)
        {
            TVector wa = TIsa.Load(weights), wb = TIsa.Load(weights + TIsa.Width);
            nint o = *offsets;
            TVector u = TIsa.Broadcast(p0 + o);
            a0 = TDot.Add(a0, u, wa);
            b0 = TDot.Add(b0, u, wb);
            u = TIsa.Broadcast(p1 + o);
            a1 = TDot.Add(a1, u, wa);
            b1 = TDot.Add(b1, u, wb);
            u = TIsa.Broadcast(p2 + o);
            a2 = TDot.Add(a2, u, wa);
            b2 = TDot.Add(b2, u, wb);
            u = TIsa.Broadcast(p3 + o);
            a3 = TDot.Add(a3, u, wa);
            b3 = TDot.Add(b3, u, wb);
            u = TIsa.Broadcast(p4 + o);
            a4 = TDot.Add(a4, u, wa);
            b4 = TDot.Add(b4, u, wb);
            u = TIsa.Broadcast(p5 + o);
            a5 = TDot.Add(a5, u, wa);
            b5 = TDot.Add(b5, u, wb);
            if (TIsa.Registers == 32)
            {
                u = TIsa.Broadcast(p6 + o);
                a6 = TDot.Add(a6, u, wa);
                b6 = TDot.Add(b6, u, wb);
                u = TIsa.Broadcast(p7 + o);
                a7 = TDot.Add(a7, u, wa);
                b7 = TDot.Add(b7, u, wb);
            }
        }

        TVector ma = TIsa.Load(parameters + (2 * TIsa.Width)), mb = TIsa.Load(parameters + (3 * TIsa.Width)), low = TIsa.FillInt16(_low);
        if (residual == null)
        {
            Store(output, a0, b0, ma, mb, low);
            Store(output + outputStride, a1, b1, ma, mb, low);
            Store(output + (2 * outputStride), a2, b2, ma, mb, low);
            Store(output + (3 * outputStride), a3, b3, ma, mb, low);
            Store(output + (4 * outputStride), a4, b4, ma, mb, low);
            Store(output + (5 * outputStride), a5, b5, ma, mb, low);
            if (TIsa.Registers == 32)
            {
                Store(output + (6 * outputStride), a6, b6, ma, mb, low);
                Store(output + (7 * outputStride), a7, b7, ma, mb, low);
            }
        }
        else
        {
            TVector r = TIsa.FillSingle(_residualMultiplier);
            StoreSum(output, residual, a0, b0, ma, mb, r, low);
            StoreSum(output + outputStride, residual + outputStride, a1, b1, ma, mb, r, low);
            StoreSum(output + (2 * outputStride), residual + (2 * outputStride), a2, b2, ma, mb, r, low);
            StoreSum(output + (3 * outputStride), residual + (3 * outputStride), a3, b3, ma, mb, r, low);
            StoreSum(output + (4 * outputStride), residual + (4 * outputStride), a4, b4, ma, mb, r, low);
            StoreSum(output + (5 * outputStride), residual + (5 * outputStride), a5, b5, ma, mb, r, low);
            if (TIsa.Registers == 32)
            {
                StoreSum(output + (6 * outputStride), residual + (6 * outputStride), a6, b6, ma, mb, r, low);
                StoreSum(output + (7 * outputStride), residual + (7 * outputStride), a7, b7, ma, mb, r, low);
            }
        }
    }

    /// <summary>One pixel, for rows narrower than a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPixel(byte* weights, byte* input, byte* residual, byte* output)
    {
        byte* parameters = weights + _weights.ParameterOffset;
        int* offsets = (int*)(weights + _weights.OffsetsOffset);
        TVector a = TIsa.Load(parameters), b = TIsa.Load(parameters + TIsa.Width);
        for (int step = 0; step < _weights.Inputs / 4; step++, weights += 2 * TIsa.Width)
        {
            TVector u = TIsa.Broadcast(input + offsets[step]);
            a = TDot.Add(a, u, TIsa.Load(weights));
            b = TDot.Add(b, u, TIsa.Load(weights + TIsa.Width));
        }

        TVector ma = TIsa.Load(parameters + (2 * TIsa.Width)), mb = TIsa.Load(parameters + (3 * TIsa.Width)), low = TIsa.FillInt16(_low);
        if (residual == null)
        {
            Store(output, a, b, ma, mb, low);
        }
        else
        {
            StoreSum(output, residual, a, b, ma, mb, TIsa.FillSingle(_residualMultiplier), low);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(byte* output, TVector a, TVector b, TVector multiplierA, TVector multiplierB, TVector low) =>
        TIsa.StoreNarrow(output, TIsa.MaxInt16(TIsa.PackInt32(TIsa.Requantize(a, multiplierA), TIsa.Requantize(b, multiplierB)), low));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSum(byte* output, byte* residual, TVector a, TVector b, TVector multiplierA, TVector multiplierB, TVector residualMultiplier, TVector low)
    {
        TVector shortcut = TIsa.LoadWiden(residual);
        a = TIsa.Requantize(a, multiplierA, TIsa.WidenLow(shortcut), residualMultiplier);
        b = TIsa.Requantize(b, multiplierB, TIsa.WidenHigh(shortcut), residualMultiplier);
        TIsa.StoreNarrow(output, TIsa.MaxInt16(TIsa.PackInt32(a, b), low));
    }
}
