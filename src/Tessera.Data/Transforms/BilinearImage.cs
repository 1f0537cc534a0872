using System.Numerics;

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
        float[] upper = new float[stride], lower = new float[stride];
        int upperRow = -1, lowerRow = -1;
        for (int y = 0; y < rows.Length; y++)
        {
            int first = rows.First[y], second = rows.Second[y];
            if (first == lowerRow && first != upperRow)
            {
                (upper, lower, upperRow, lowerRow) = (lower, upper, lowerRow, upperRow);
            }

            if (first != upperRow)
            {
                SampleRow(source.Slice(first * sourceWidth * 3, sourceWidth * 3), upper, columns);
                upperRow = first;
            }

            if (second != lowerRow)
            {
                SampleRow(source.Slice(second * sourceWidth * 3, sourceWidth * 3), lower, columns);
                lowerRow = second;
            }

            Blend(upper, lower, rows.Weight0[y], rows.Weight1[y], target.Slice(y * stride, stride));
        }
    }

    private static void SampleRow(ReadOnlySpan<byte> row, Span<float> sampled, AxisTaps columns)
    {
        for (int x = 0, to = 0; x < columns.Length; x++, to += 3)
        {
            ReadOnlySpan<byte> first = row.Slice(columns.First[x] * 3, 3), second = row.Slice(columns.Second[x] * 3, 3);
            float weight0 = columns.Weight0[x], weight1 = columns.Weight1[x];
            sampled[to] = (weight0 * first[0]) + (weight1 * second[0]);
            sampled[to + 1] = (weight0 * first[1]) + (weight1 * second[1]);
            sampled[to + 2] = (weight0 * first[2]) + (weight1 * second[2]);
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
        Vector.ConvertToInt32(Vector.Round((new Vector<float>(upper[i..]) * weight0) + (new Vector<float>(lower[i..]) * weight1), MidpointRounding.ToEven));
}
