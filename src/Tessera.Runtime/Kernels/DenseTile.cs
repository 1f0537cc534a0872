using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// A block of output channels for the pixels of a row: six pixels (eight where there are 32 registers) by two registers, or twice as many pixels by one or half of one,
/// are computed at a time: sums that stay in registers while the words pass.
/// </summary>
internal abstract unsafe class DenseTile<TVector, TIsa, TDot, TShape> : DenseSums<TVector, TIsa, TDot, TShape>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
    where TShape : struct, IBlockShape
{
    // What a version of this text does not need is asked of types, not of TDot and TIsa: the compiler then does not even read it, which for some versions is most of its time.
    // Calls in the loop over tiles would send all sums to memory and back: even these have to be told.
    private static int HalfPixels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TIsa.Registers == 32 ? 8 : 6;
    }

    private static int TilePixels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(TShape) == typeof(TwoRegisters) ? HalfPixels : 2 * HalfPixels;
    }

    /// <summary>Full tiles, then one that is moved back to end with the row: it computes some pixels again, to the same values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in DenseBlock block, in DenseRow shape, byte** words, in ConvRow row, int start, int pixels)
    {
        int tiles = Math.Max(pixels - start, 0) / TilePixels, done = start + (tiles * TilePixels);
        RunTiles(block, shape, words, row, start, tiles);
        if (tiles > 0 && done < pixels)
        {
            RunTiles(block, shape, words, row, pixels - TilePixels, 1);
        }
        else
        {
            RunPixels(block, shape, words, row, done, pixels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTiles(in DenseBlock block, in DenseRow shape, byte** words, in ConvRow row, int start, int tiles)
    {
        // Distances from pixel to pixel; with the scaled addressing of the processor they reach four pixels from one base.
        nint one = shape.PixelStep, three = 3 * one, half = HalfPixels * one, at = start * one, step = shape.Outputs, tile = TilePixels;
        byte* output = row.Output + ((long)start * shape.Outputs) + block.First;
        byte* residual = row.Residual + ((long)start * shape.Outputs) + block.First, parameters = block.Parameters;
        bool adds = row.Residual != null;
        short low = shape.Low;
        float factor = shape.ResidualMultiplier;
        for (; tiles > 0; tiles--)
        {
            byte* weights = block.Weights;
            TVector a0 = Register(block.Parameters, 0), b0 = Second(block.Parameters, 1, a0);
            TVector a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
            TVector b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0, b6 = b0, b7 = b0;
            byte** word = words, end = words + block.LargeEnd;
            for (; typeof(TDot) == typeof(PairwiseDot<TVector, TIsa>) && word < end; word += QuadGrouping.Large, weights += (QuadGrouping.Large + 1) * TShape.Registers * TIsa.Width)
            {
                byte* p = word[0] + at, q = word[1] + at, r = word[2] + at, s = word[3] + at, offsets = weights + (QuadGrouping.Large * TShape.Registers * TIsa.Width);
                TVector pa = Register(weights, 0), pb = Second(weights, 1, pa), qa = Register(weights, TShape.Registers), qb = Second(weights, 3, qa);
                TVector ra = Register(weights, 2 * TShape.Registers), rb = Second(weights, 5, ra), sa = Register(weights, 3 * TShape.Registers), sb = Second(weights, 7, sa);
                AddLarge(ref a0, ref b0, p, q, r, s, half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a1, ref b1, p + one, q + one, r + one, s + one, half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a2, ref b2, p + (2 * one), q + (2 * one), r + (2 * one), s + (2 * one), half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a3, ref b3, p + three, q + three, r + three, s + three, half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                p += 4 * one;
                q += 4 * one;
                r += 4 * one;
                s += 4 * one;
                AddLarge(ref a4, ref b4, p, q, r, s, half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                AddLarge(ref a5, ref b5, p + one, q + one, r + one, s + one, half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                if (typeof(TVector) == typeof(Vector512<byte>))
                {
                    AddLarge(ref a6, ref b6, p + (2 * one), q + (2 * one), r + (2 * one), s + (2 * one), half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                    AddLarge(ref a7, ref b7, p + three, q + three, r + three, s + three, half, pa, pb, qa, qb, ra, rb, sa, sb, offsets);
                }
            }

            for (end = words + block.SmallEnd; typeof(TDot) == typeof(PairwiseDot<TVector, TIsa>) && word < end; word += QuadGrouping.Small, weights += (QuadGrouping.Small + 1) * TShape.Registers * TIsa.Width)
            {
                byte* p = word[0] + at, q = word[1] + at, offsets = weights + (QuadGrouping.Small * TShape.Registers * TIsa.Width);
                TVector pa = Register(weights, 0), pb = Second(weights, 1, pa), qa = Register(weights, TShape.Registers), qb = Second(weights, 3, qa);
                AddSmall(ref a0, ref b0, p, q, half, pa, pb, qa, qb, offsets);
                AddSmall(ref a1, ref b1, p + one, q + one, half, pa, pb, qa, qb, offsets);
                AddSmall(ref a2, ref b2, p + (2 * one), q + (2 * one), half, pa, pb, qa, qb, offsets);
                AddSmall(ref a3, ref b3, p + three, q + three, half, pa, pb, qa, qb, offsets);
                p += 4 * one;
                q += 4 * one;
                AddSmall(ref a4, ref b4, p, q, half, pa, pb, qa, qb, offsets);
                AddSmall(ref a5, ref b5, p + one, q + one, half, pa, pb, qa, qb, offsets);
                if (typeof(TVector) == typeof(Vector512<byte>))
                {
                    AddSmall(ref a6, ref b6, p + (2 * one), q + (2 * one), half, pa, pb, qa, qb, offsets);
                    AddSmall(ref a7, ref b7, p + three, q + three, half, pa, pb, qa, qb, offsets);
                }
            }

            for (end = words + block.Words; word < end; word++, weights += TShape.Registers * TIsa.Width)
            {
                byte* p = word[0] + at;
                TVector u = Register(weights, 0), v = Second(weights, 1, u);
                AddSingle(ref a0, ref b0, p, half, u, v);
                AddSingle(ref a1, ref b1, p + one, half, u, v);
                AddSingle(ref a2, ref b2, p + (2 * one), half, u, v);
                AddSingle(ref a3, ref b3, p + three, half, u, v);
                p += 4 * one;
                AddSingle(ref a4, ref b4, p, half, u, v);
                AddSingle(ref a5, ref b5, p + one, half, u, v);
                if (typeof(TVector) == typeof(Vector512<byte>))
                {
                    AddSingle(ref a6, ref b6, p + (2 * one), half, u, v);
                    AddSingle(ref a7, ref b7, p + three, half, u, v);
                }
            }

            if (typeof(TShape) == typeof(TwoRegisters))
            {
                if (adds)
                {
                    DenseStore<TVector, TIsa>.Tile(output, residual, adds: true, step, a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, parameters, low, factor);
                }
                else
                {
                    DenseStore<TVector, TIsa>.Tile(output, residual, adds: false, step, a0, b0, a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7, parameters, low, factor);
                }
            }
            else
            {
                byte* sums = row.Scratch, others = sums + (tile / 2 * TIsa.Width);
                TIsa.Store(sums + (0 * TIsa.Width), a0);
                TIsa.Store(others + (0 * TIsa.Width), b0);
                TIsa.Store(sums + (1 * TIsa.Width), a1);
                TIsa.Store(others + (1 * TIsa.Width), b1);
                TIsa.Store(sums + (2 * TIsa.Width), a2);
                TIsa.Store(others + (2 * TIsa.Width), b2);
                TIsa.Store(sums + (3 * TIsa.Width), a3);
                TIsa.Store(others + (3 * TIsa.Width), b3);
                TIsa.Store(sums + (4 * TIsa.Width), a4);
                TIsa.Store(others + (4 * TIsa.Width), b4);
                TIsa.Store(sums + (5 * TIsa.Width), a5);
                TIsa.Store(others + (5 * TIsa.Width), b5);
                if (typeof(TVector) == typeof(Vector512<byte>))
                {
                    TIsa.Store(sums + (6 * TIsa.Width), a6);
                    TIsa.Store(others + (6 * TIsa.Width), b6);
                    TIsa.Store(sums + (7 * TIsa.Width), a7);
                    TIsa.Store(others + (7 * TIsa.Width), b7);
                }

                Write(output, residual, adds, sums, (int)tile, step, parameters, shape);
            }

            at += tile * one;
            output += tile * step;
            residual += tile * step;
        }
    }

    /// <summary>One pixel after another, for rows narrower than a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPixels(in DenseBlock block, in DenseRow shape, byte** words, in ConvRow row, int from, int to)
    {
        for (int pixel = from; pixel < to; pixel++)
        {
            byte* weights = block.Weights;
            nint at = pixel * shape.PixelStep;
            TVector a = Register(block.Parameters, 0), b = Second(block.Parameters, 1, a);
            byte** word = words, end = words + block.LargeEnd;
            for (; typeof(TDot) == typeof(PairwiseDot<TVector, TIsa>) && word < end; word += QuadGrouping.Large, weights += (QuadGrouping.Large + 1) * TShape.Registers * TIsa.Width)
            {
                TVector pa = Register(weights, 0), qa = Register(weights, TShape.Registers), ra = Register(weights, 2 * TShape.Registers), sa = Register(weights, 3 * TShape.Registers);
                AddLarge(
                    ref a, ref b, word[0] + at, word[1] + at, word[2] + at, word[3] + at, 0, pa, Second(weights, 1, pa), qa, Second(weights, 3, qa), ra, Second(weights, 5, ra), sa, Second(weights, 7, sa),
                    weights + (QuadGrouping.Large * TShape.Registers * TIsa.Width));
            }

            for (end = words + block.SmallEnd; typeof(TDot) == typeof(PairwiseDot<TVector, TIsa>) && word < end; word += QuadGrouping.Small, weights += (QuadGrouping.Small + 1) * TShape.Registers * TIsa.Width)
            {
                TVector pa = Register(weights, 0), qa = Register(weights, TShape.Registers);
                AddSmall(ref a, ref b, word[0] + at, word[1] + at, 0, pa, Second(weights, 1, pa), qa, Second(weights, 3, qa), weights + (QuadGrouping.Small * TShape.Registers * TIsa.Width));
            }

            for (end = words + block.Words; word < end; word++, weights += TShape.Registers * TIsa.Width)
            {
                TVector u = Register(weights, 0);
                AddSingle(ref a, ref b, *word + at, 0, u, Second(weights, 1, u));
            }

            long first = ((long)pixel * shape.Outputs) + block.First;
            if (typeof(TShape) == typeof(TwoRegisters))
            {
                DenseStore<TVector, TIsa>.Pixel(row.Output + first, row.Residual + first, row.Residual != null, a, b, block.Parameters, shape.Low, shape.ResidualMultiplier);
            }
            else
            {
                TIsa.Store(row.Scratch, a);
                Write(row.Output + first, row.Residual + first, row.Residual != null, row.Scratch, 1, 0, block.Parameters, shape);
            }
        }
    }

    private static void Write(byte* output, byte* residual, bool adds, byte* sums, int pixels, nint step, byte* parameters, in DenseRow shape)
    {
        if (typeof(TShape) == typeof(HalfRegister))
        {
            DenseStore<TVector, TIsa>.HalfPixels(output, residual, adds, sums, pixels, step, parameters, shape.Low, shape.ResidualMultiplier);
        }
        else
        {
            DenseStore<TVector, TIsa>.Pixels(output, residual, adds, sums, pixels, step, parameters, shape.Low, shape.ResidualMultiplier);
        }
    }
}
