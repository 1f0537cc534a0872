using System.Runtime.CompilerServices;
using Tessera.Programs;
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
        _weights = new PointwiseWeights(conv, TIsa.Width, !TDot.IsWide);
        _pixels = pixels;
        _outputs = conv.Bias.Length;
        _low = (short)conv.Low;
        _residualMultiplier = conv.ResidualMultiplier;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    private static int TilePixels => TIsa.Registers == 32 ? 8 : 6;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ConvRow row)
    {
        // The last block comes first: where its channels do not fill it, it writes into the next pixel, whose channels are written afterwards.
        for (int block = _weights.Blocks.Length - 1; block >= 0; block--)
        {
            int first = block * _weights.BlockChannels;
            int channels = Math.Min(_weights.BlockChannels, _outputs - first);
            RunBlock(_weights.Blocks[block], channels, row.Inputs[0], row.Residual == null ? null : row.Residual + first, row.Output + first);
        }
    }

    /// <summary>Full tiles, then one that is moved back to end with the row: it computes some pixels again, to the same values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(in PointwiseBlock block, int channels, byte* input, byte* residual, byte* output)
    {
        // Where channels are missing a tile writes that many bytes too far; those at the row's end are computed aside.
        int missing = _weights.BlockChannels - channels, tailPixels = missing == 0 ? 0 : (missing + _outputs - 1) / _outputs;
        int tiles = Math.Max(_pixels - tailPixels, 0) / TilePixels, done = tiles * TilePixels;
        RunTiles(block, tiles, input, residual, output, _outputs);
        if (done == _pixels)
        {
            return;
        }

        int rest = _pixels - done, from = missing == 0 && tiles > 0 ? _pixels - TilePixels : done;
        input += (long)from * _weights.Inputs;
        output += (long)from * _outputs;
        residual = residual == null ? null : residual + ((long)from * _outputs);
        if (missing > 0)
        {
            for (int pixel = 0; pixel < rest; pixel++)
            {
                RunAside(block, channels, input + (pixel * _weights.Inputs), residual == null ? null : residual + (pixel * _outputs), output + (pixel * _outputs));
            }
        }
        else if (tiles > 0)
        {
            RunTiles(block, 1, input, residual, output, _outputs);
        }
        else
        {
            for (int pixel = 0; pixel < rest; pixel++)
            {
                RunPixel(block, input + (pixel * _weights.Inputs), residual == null ? null : residual + (pixel * _outputs), output + (pixel * _outputs));
            }
        }
    }

    /// <summary>A pixel whose block of channels is not full: computed aside, then the channels that exist are copied.</summary>
    private void RunAside(in PointwiseBlock block, int channels, byte* input, byte* residual, byte* output)
    {
        byte* result = stackalloc byte[_weights.BlockChannels], shortcut = stackalloc byte[_weights.BlockChannels];
        if (residual != null)
        {
            Unsafe.CopyBlockUnaligned(shortcut, residual, (uint)channels);
        }

        RunPixel(block, input, residual == null ? null : shortcut, result);
        Unsafe.CopyBlockUnaligned(output, result, (uint)channels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunTiles(in PointwiseBlock block, int tiles, byte* input, byte* residual, byte* output, nint outputStride)
    {
        // Distances from pixel to pixel; with the scaled addressing of the processor they reach four pixels from one base.
        nint one = _weights.Inputs, three = 3 * one;
        for (; tiles > 0; tiles--)
        {
            byte* weights = block.Weights;
            TVector a0 = TIsa.Load(block.Parameters), b0 = TIsa.Load(block.Parameters + TIsa.Width);
            TVector a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
            TVector b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0, b6 = b0, b7 = b0;
            int* quad = block.LargeGroups;
            for (; quad < block.SmallGroups; quad += QuadGrouping.Large, weights += 2 * (QuadGrouping.Large + 1) * TIsa.Width)
            {
                byte* p = input + quad[0], q = input + quad[1], r = input + quad[2], s = input + quad[3];
                TVector pa = Register(weights, 0), pb = Register(weights, 1), qa = Register(weights, 2), qb = Register(weights, 3);
                TVector ra = Register(weights, 4), rb = Register(weights, 5), sa = Register(weights, 6), sb = Register(weights, 7);
                byte* offsets = weights + (8 * TIsa.Width);
                AddLarge(ref a0, ref b0, p, q, r, s, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a1, ref b1, p + one, q + one, r + one, s + one, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a2, ref b2, p + (2 * one), q + (2 * one), r + (2 * one), s + (2 * one), pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a3, ref b3, p + three, q + three, r + three, s + three, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                p += 4 * one;
                q += 4 * one;
                r += 4 * one;
                s += 4 * one;
                AddLarge(ref a4, ref b4, p, q, r, s, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a5, ref b5, p + one, q + one, r + one, s + one, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                if (TIsa.Registers == 32)
                {
                    AddLarge(ref a6, ref b6, p + (2 * one), q + (2 * one), r + (2 * one), s + (2 * one), pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                    AddLarge(ref a7, ref b7, p + three, q + three, r + three, s + three, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                }
            }

            for (; quad < block.Singles; quad += QuadGrouping.Small, weights += 2 * (QuadGrouping.Small + 1) * TIsa.Width)
            {
                byte* p = input + quad[0], q = input + quad[1];
                TVector pa = Register(weights, 0), pb = Register(weights, 1), qa = Register(weights, 2), qb = Register(weights, 3);
                byte* offsets = weights + (4 * TIsa.Width);
                AddSmall(ref a0, ref b0, p, q, pa, pb, qa, qb, offsets);
                AddSmall(ref a1, ref b1, p + one, q + one, pa, pb, qa, qb, offsets);
                AddSmall(ref a2, ref b2, p + (2 * one), q + (2 * one), pa, pb, qa, qb, offsets);
                AddSmall(ref a3, ref b3, p + three, q + three, pa, pb, qa, qb, offsets);
                p += 4 * one;
                q += 4 * one;
                AddSmall(ref a4, ref b4, p, q, pa, pb, qa, qb, offsets);
                AddSmall(ref a5, ref b5, p + one, q + one, pa, pb, qa, qb, offsets);
                if (TIsa.Registers == 32)
                {
                    AddSmall(ref a6, ref b6, p + (2 * one), q + (2 * one), pa, pb, qa, qb, offsets);
                    AddSmall(ref a7, ref b7, p + three, q + three, pa, pb, qa, qb, offsets);
                }
            }

            for (; quad < block.End; quad++, weights += 2 * TIsa.Width)
            {
                byte* p = input + *quad;
                TVector pa = Register(weights, 0), pb = Register(weights, 1);
                AddSingle(ref a0, ref b0, p, pa, pb);
                AddSingle(ref a1, ref b1, p + one, pa, pb);
                AddSingle(ref a2, ref b2, p + (2 * one), pa, pb);
                AddSingle(ref a3, ref b3, p + three, pa, pb);
                p += 4 * one;
                AddSingle(ref a4, ref b4, p, pa, pb);
                AddSingle(ref a5, ref b5, p + one, pa, pb);
                if (TIsa.Registers == 32)
                {
                    AddSingle(ref a6, ref b6, p + (2 * one), pa, pb);
                    AddSingle(ref a7, ref b7, p + three, pa, pb);
                }
            }

            TVector ma = Register(block.Parameters, 2), mb = Register(block.Parameters, 3), low = TIsa.FillInt16(_low);
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

            input += TilePixels * one;
            output += TilePixels * outputStride;
            residual = residual == null ? null : residual + (TilePixels * outputStride);
        }
    }

    /// <summary>One pixel, for rows narrower than a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPixel(in PointwiseBlock block, byte* input, byte* residual, byte* output)
    {
        byte* weights = block.Weights;
        TVector a = Register(block.Parameters, 0), b = Register(block.Parameters, 1);
        int* quad = block.LargeGroups;
        for (; quad < block.SmallGroups; quad += QuadGrouping.Large, weights += 2 * (QuadGrouping.Large + 1) * TIsa.Width)
        {
            AddLarge(
                ref a, ref b, input + quad[0], input + quad[1], input + quad[2], input + quad[3], Register(weights, 0), Register(weights, 1), Register(weights, 2),
                Register(weights, 3), Register(weights, 4), Register(weights, 5), Register(weights, 6), Register(weights, 7), weights + (8 * TIsa.Width));
        }

        for (; quad < block.Singles; quad += QuadGrouping.Small, weights += 2 * (QuadGrouping.Small + 1) * TIsa.Width)
        {
            AddSmall(
                ref a, ref b, input + quad[0], input + quad[1], Register(weights, 0), Register(weights, 1), Register(weights, 2), Register(weights, 3), weights + (4 * TIsa.Width));
        }

        for (; quad < block.End; quad++, weights += 2 * TIsa.Width)
        {
            AddSingle(ref a, ref b, input + *quad, Register(weights, 0), Register(weights, 1));
        }

        TVector ma = Register(block.Parameters, 2), mb = Register(block.Parameters, 3), low = TIsa.FillInt16(_low);
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
    private static TVector Register(byte* memory, int index) => TIsa.Load(memory + (index * TIsa.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddLarge(
        ref TVector a, ref TVector b, byte* p, byte* q, byte* r, byte* s, TVector pa, TVector pb, TVector qa, TVector qb, TVector ra, TVector rb, TVector sa, TVector sb, byte* offsets)
    {
        TVector pixel = TIsa.Broadcast(p), x = TIsa.MultiplyAddBytes(pixel, pa), y = TIsa.MultiplyAddBytes(pixel, pb);
        pixel = TIsa.Broadcast(q);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, qa));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(pixel, qb));
        pixel = TIsa.Broadcast(r);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, ra));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(pixel, rb));
        pixel = TIsa.Broadcast(s);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, sa));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(pixel, sb));
        AddSums(ref a, ref b, x, y, offsets);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSmall(ref TVector a, ref TVector b, byte* p, byte* q, TVector pa, TVector pb, TVector qa, TVector qb, byte* offsets)
    {
        TVector pixel = TIsa.Broadcast(p), x = TIsa.MultiplyAddBytes(pixel, pa), y = TIsa.MultiplyAddBytes(pixel, pb);
        pixel = TIsa.Broadcast(q);
        x = TIsa.AddInt16(x, TIsa.MultiplyAddBytes(pixel, qa));
        y = TIsa.AddInt16(y, TIsa.MultiplyAddBytes(pixel, qb));
        AddSums(ref a, ref b, x, y, offsets);
    }

    /// <summary>Widens int16 sums that may have wrapped around; the offsets bring them back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSums(ref TVector a, ref TVector b, TVector x, TVector y, byte* offsets)
    {
        a = TIsa.AddInt32(a, TIsa.MultiplyAddInt16(TIsa.AddInt16(x, Register(offsets, 0)), TIsa.FillInt16(1)));
        b = TIsa.AddInt32(b, TIsa.MultiplyAddInt16(TIsa.AddInt16(y, Register(offsets, 1)), TIsa.FillInt16(1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSingle(ref TVector a, ref TVector b, byte* p, TVector pa, TVector pb)
    {
        TVector pixel = TIsa.Broadcast(p);
        a = TDot.Add(a, pixel, pa);
        b = TDot.Add(b, pixel, pb);
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
