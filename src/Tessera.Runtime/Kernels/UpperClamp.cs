using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tessera.Runtime.Kernels;

/// <summary>The upper end of a clamp below 127, for convolutions that end in a ReLU with an upper end: one pass over a row that is in the cache.</summary>
/// <remarks>Both ends of a clamp are integers, so clamping after rounding gives the same as before it.</remarks>
internal static unsafe class UpperClamp
{
    /// <summary>Makes every value at most <paramref name="high"/>.</summary>
    /// <param name="row">Int8 values.</param>
    /// <param name="count">How many.</param>
    /// <param name="high">The upper end, 1 to 127.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(sbyte* row, int count, sbyte high)
    {
        int i = 0;
        Vector256<sbyte> most = Vector256.Create(high);
        for (; i + Vector256<sbyte>.Count <= count; i += Vector256<sbyte>.Count)
        {
            Vector256.Min(Vector256.Load(row + i), most).Store(row + i);
        }

        for (; i < count; i++)
        {
            row[i] = Math.Min(row[i], high);
        }
    }
}
