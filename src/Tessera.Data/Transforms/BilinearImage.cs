using Tessera.Imaging;

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
        float[] upper = new float[stride + BilinearRow.Padding], lower = new float[stride + BilinearRow.Padding];
        var levels = new float[(sourceWidth * 3) + BilinearRow.Padding];
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

            BilinearRow.Blend(upper, lower, rows.Weight0[y], rows.Weight1[y], target.Slice(y * stride, stride));
        }
    }

    private static void SampleRow(ReadOnlySpan<byte> row, float[] levels, float[] sampled, AxisTaps columns)
    {
        BilinearRow.ToLevels(row, levels);
        BilinearRow.SamplePixels(levels, 3, columns, sampled);
    }
}
