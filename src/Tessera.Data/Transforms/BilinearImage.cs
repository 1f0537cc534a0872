using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tessera.Data;

/// <summary>Samples an interleaved RGB image with one pair of taps per axis, first along rows, then down columns, rounding half to even.</summary>
internal static class BilinearImage
{
    /// <summary>Writes rows.Length × columns.Length × 3 bytes.</summary>
    /// <param name="source">The image, <paramref name="sourceWidth"/> columns.</param>
    /// <param name="sourceWidth">Columns of the source.</param>
    /// <param name="target">The result.</param>
    /// <param name="rows">Taps down the columns.</param>
    /// <param name="columns">Taps along the rows.</param>
    public static void Sample(ReadOnlySpan<byte> source, int sourceWidth, Span<byte> target, AxisTaps rows, AxisTaps columns)
    {
        int stride = columns.Length * 3;

        // The two source rows in use, already sampled along the row; neighbouring output rows share them.
        // Pixels are moved as four values, so that each buffer has room for one value more than its pixels need.
        float[] upper = new float[stride + 1], lower = new float[stride + 1];
        var levels = new float[(sourceWidth * 3) + 1];
        int upperRow = -1, lowerRow = -1;
        for (int y = 0; y < rows.Length; y++)
        {
            if (rows.Weight0[y] == 0 && rows.Weight1[y] == 0)
            {
                target.Slice(y * stride, stride).Clear();
                continue;
            }

            int first = rows.First[y], second = rows.Second[y];
            if (first == lowerRow && first != upperRow)
            {
                (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, upperRow);
            }

            if (first != upperRow)
            {
                SampleRow(source.Slice(first * sourceWidth * 3, sourceWidth * 3), levels, upper, columns);
                upperRow = first;
            }

            if (second != lowerRow)
            {
                SampleRow(source.Slice(second * sourceWidth * 3, sourceWidth * 3), levels, lower, columns);
                lowerRow = second;
            }

            Blend(upper, lower, rows.Weight0[y], rows.Weight1[y], target.Slice(y * stride, stride));
        }
    }

    private static void SampleRow(ReadOnlySpan<byte> row, float[] levels, float[] sampled, AxisTaps columns)
    {
        ToFloat(row, levels);

        // Taps lie in 0..width-1 by construction: a read of four values at 3·tap ends at most one value behind the row, in the padding,
        // and the write of the last pixel one value behind its three. The fourth lane is the next pixel's first, which overwrites it.
        ref float from = ref MemoryMarshal.GetArrayDataReference(levels);
        ref float to = ref MemoryMarshal.GetArrayDataReference(sampled);
        ReadOnlySpan<int> first = columns.First, second = columns.Second;
        ReadOnlySpan<float> weight0 = columns.Weight0, weight1 = columns.Weight1;
        for (int x = 0; x < first.Length && x < second.Length && x < weight0.Length && x < weight1.Length; x++)
        {
            Vector128<float> left = Vector128.LoadUnsafe(ref from, (nuint)(first[x] * 3)), right = Vector128.LoadUnsafe(ref from, (nuint)(second[x] * 3));
            ((left * weight0[x]) + (right * weight1[x])).StoreUnsafe(ref to, (nuint)(x * 3));
        }
    }

    private static void ToFloat(ReadOnlySpan<byte> row, Span<float> levels)
    {
        int i = 0, lanes = Vector<float>.Count;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
            Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
            Vector.ConvertToSingle(Vector.AsVectorInt32(a)).CopyTo(levels[i..]);
            Vector.ConvertToSingle(Vector.AsVectorInt32(b)).CopyTo(levels[(i + lanes)..]);
            Vector.ConvertToSingle(Vector.AsVectorInt32(c)).CopyTo(levels[(i + (2 * lanes))..]);
            Vector.ConvertToSingle(Vector.AsVectorInt32(d)).CopyTo(levels[(i + (3 * lanes))..]);
        }

        for (; i < row.Length; i++)
        {
            levels[i] = row[i];
        }
    }

    private static void Blend(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, float weight0, float weight1, Span<byte> target)
    {
        int i = 0, block = Vector<byte>.Count, lanes = Vector<float>.Count;

        // Four float vectors become one byte vector. Weights sum to at most 1, so values stay within 0..255 and narrowing loses nothing.
        for (; i + block <= target.Length; i += block)
        {
            Vector<int> a = Round(upper, lower, i, weight0, weight1), b = Round(upper, lower, i + lanes, weight0, weight1);
            Vector<int> c = Round(upper, lower, i + (2 * lanes), weight0, weight1), d = Round(upper, lower, i + (3 * lanes), weight0, weight1);
            Vector<ushort> low = Vector.AsVectorUInt16(Vector.Narrow(a, b)), high = Vector.AsVectorUInt16(Vector.Narrow(c, d));
            Vector.Narrow(low, high).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] = (byte)MathF.Round((weight0 * upper[i]) + (weight1 * lower[i]), MidpointRounding.ToEven);
        }
    }

    private static Vector<int> Round(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, int i, float weight0, float weight1) =>
        Vector.ConvertToInt32Native(Vector.Round((new Vector<float>(upper[i..]) * weight0) + (new Vector<float>(lower[i..]) * weight1), MidpointRounding.ToEven));
}
