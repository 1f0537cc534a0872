using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>Requantizes the sums of a block of output channels and writes them.</summary>
internal static unsafe class DenseStore<TVector, TIsa>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    /// <summary>Writes a pixel of two registers.</summary>
    /// <param name="output">Where.</param>
    /// <param name="residual">What is added.</param>
    /// <param name="adds">Whether anything is. One machine code serves both: the choice is the same for a whole row.</param>
    /// <param name="a">Sums of the first register.</param>
    /// <param name="b">Sums of the second register.</param>
    /// <param name="parameters">The block's: multipliers behind the biases.</param>
    /// <param name="low">The clamp's lower end.</param>
    /// <param name="residualMultiplier">What the residual is multiplied by.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pixel(byte* output, byte* residual, bool adds, TVector a, TVector b, byte* parameters, short low, float residualMultiplier)
    {
        TVector first = TIsa.Load(parameters + (2 * TIsa.Width)), second = TIsa.Load(parameters + (3 * TIsa.Width));
        if (adds)
        {
            TVector shortcut = TIsa.LoadWiden(residual), factor = TIsa.FillSingle(residualMultiplier);
            a = TIsa.Requantize(a, first, TIsa.WidenLow(shortcut), factor);
            b = TIsa.Requantize(b, second, TIsa.WidenHigh(shortcut), factor);
        }
        else
        {
            a = TIsa.Requantize(a, first);
            b = TIsa.Requantize(b, second);
        }

        TIsa.StoreNarrow(output, TIsa.MaxInt16(TIsa.PackInt32(a, b), TIsa.FillInt16(low)));
    }

    /// <summary>Writes a tile of pixels of two registers, in their order: what is written beyond one is written over by the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(
        byte* output, byte* residual, bool adds, nint step, TVector a0, TVector b0, TVector a1, TVector b1, TVector a2, TVector b2, TVector a3, TVector b3,
        TVector a4, TVector b4, TVector a5, TVector b5, TVector a6, TVector b6, TVector a7, TVector b7, byte* parameters, short low, float residualMultiplier)
    {
        Pixel(output, residual, adds, a0, b0, parameters, low, residualMultiplier);
        Pixel(output + step, residual + step, adds, a1, b1, parameters, low, residualMultiplier);
        Pixel(output + (2 * step), residual + (2 * step), adds, a2, b2, parameters, low, residualMultiplier);
        Pixel(output + (3 * step), residual + (3 * step), adds, a3, b3, parameters, low, residualMultiplier);
        Pixel(output + (4 * step), residual + (4 * step), adds, a4, b4, parameters, low, residualMultiplier);
        Pixel(output + (5 * step), residual + (5 * step), adds, a5, b5, parameters, low, residualMultiplier);
        if (typeof(TVector) == typeof(Vector512<byte>))
        {
            Pixel(output + (6 * step), residual + (6 * step), adds, a6, b6, parameters, low, residualMultiplier);
            Pixel(output + (7 * step), residual + (7 * step), adds, a7, b7, parameters, low, residualMultiplier);
        }
    }

    /// <summary>Writes pixels of one register, whose sums lie one behind the other and whose results lie <c>step</c> bytes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pixels(byte* output, byte* residual, bool adds, byte* sums, int pixels, nint step, byte* parameters, short low, float residualMultiplier)
    {
        TVector multiplier = TIsa.Load(parameters + TIsa.Width), least = TIsa.FillInt32(low), factor = TIsa.FillSingle(residualMultiplier);
        for (; pixels > 0; pixels--, sums += TIsa.Width, output += step, residual += step)
        {
            TVector sum = TIsa.Load(sums);
            sum = adds ? TIsa.Requantize(sum, multiplier, TIsa.LoadWidenInt32(residual), factor) : TIsa.Requantize(sum, multiplier);
            TIsa.StoreNarrowInt32(output, TIsa.MaxInt32(sum, least));
        }
    }

    /// <summary>Writes pixels of half a register: two lanes of each channel are added, which brings two pixels into one register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HalfPixels(byte* output, byte* residual, bool adds, byte* sums, int pixels, nint step, byte* parameters, short low, float residualMultiplier)
    {
        TVector multiplier = TIsa.Load(parameters + TIsa.Width), least = TIsa.FillInt32(low), factor = TIsa.FillSingle(residualMultiplier);
        uint bytes = (uint)TIsa.Width / 8;
        byte* results = stackalloc byte[16], shortcut = stackalloc byte[16]; // a quarter of the widest register
        for (; pixels > 0; pixels -= 2, sums += 2 * TIsa.Width, output += 2 * step, residual += 2 * step)
        {
            nint next = pixels > 1 ? step : 0;
            TVector sum = TIsa.AddPairsInt32(TIsa.Load(sums), TIsa.Load(sums + (pixels > 1 ? TIsa.Width : 0)));
            if (adds)
            {
                Unsafe.CopyBlockUnaligned(shortcut, residual, bytes);
                Unsafe.CopyBlockUnaligned(shortcut + bytes, residual + next, bytes);
                sum = TIsa.Requantize(sum, multiplier, TIsa.LoadWidenInt32(shortcut), factor);
            }
            else
            {
                sum = TIsa.Requantize(sum, multiplier);
            }

            TIsa.StoreNarrowInt32(results, TIsa.MaxInt32(sum, least));
            Unsafe.CopyBlockUnaligned(output, results, bytes);
            Unsafe.CopyBlockUnaligned(output + next, results + bytes, bytes);
        }
    }
}
