using System.Runtime.CompilerServices;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>Requantizes the sums of a block of output channels and writes them.</summary>
internal static unsafe class DenseStore<TVector, TIsa, TShape, TSum>
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TShape : struct, IBlockShape
    where TSum : struct
{
    /// <summary>Writes one pixel: two registers of sums, or the first alone.</summary>
    /// <param name="output">Where.</param>
    /// <param name="residual">What is added, if there is anything.</param>
    /// <param name="a">Sums.</param>
    /// <param name="b">Sums of the second register.</param>
    /// <param name="parameters">The block's: multipliers behind the biases.</param>
    /// <param name="low">The clamp's lower end.</param>
    /// <param name="residualMultiplier">What the residual is multiplied by.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pixel(byte* output, byte* residual, TVector a, TVector b, byte* parameters, short low, float residualMultiplier)
    {
        TVector multiplier = TIsa.Load(parameters + (TShape.Registers * TIsa.Width));
        if (typeof(TShape) == typeof(TwoRegisters))
        {
            TVector second = TIsa.Load(parameters + (3 * TIsa.Width));
            if (typeof(TSum) == typeof(WithResidual))
            {
                TVector shortcut = TIsa.LoadWiden(residual), factor = TIsa.FillSingle(residualMultiplier);
                a = TIsa.Requantize(a, multiplier, TIsa.WidenLow(shortcut), factor);
                b = TIsa.Requantize(b, second, TIsa.WidenHigh(shortcut), factor);
            }
            else
            {
                a = TIsa.Requantize(a, multiplier);
                b = TIsa.Requantize(b, second);
            }

            TIsa.StoreNarrow(output, TIsa.MaxInt16(TIsa.PackInt32(a, b), TIsa.FillInt16(low)));
        }
        else
        {
            a = typeof(TShape) == typeof(HalfRegister) ? TIsa.AddPairsInt32(a) : a;
            a = typeof(TSum) == typeof(WithResidual) ? TIsa.Requantize(a, multiplier, TIsa.LoadWidenInt32(residual), TIsa.FillSingle(residualMultiplier)) : TIsa.Requantize(a, multiplier);
            a = TIsa.MaxInt32(a, TIsa.FillInt32(low));
            if (typeof(TShape) == typeof(HalfRegister))
            {
                TIsa.StoreHalfNarrowInt32(output, a);
            }
            else
            {
                TIsa.StoreNarrowInt32(output, a);
            }
        }
    }
}
