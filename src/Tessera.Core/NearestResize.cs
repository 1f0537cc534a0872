namespace Tessera.Core;

/// <summary>Resizes class maps: every target pixel takes the source pixel that holds its centre, <c>floor((i + ½)·source/target)</c>.</summary>
public static class NearestResize
{
    /// <summary>Resizes one map.</summary>
    /// <remarks>For a target four times the source this repeats every pixel 4×4 times. Going from stride 4 straight to an image's
    /// own size gives the same as going over the input's size, because ⌊⌊x⌋/4⌋ = ⌊x/4⌋.</remarks>
    /// <param name="map">height·width bytes.</param>
    /// <param name="height">Rows of the map, at least 1.</param>
    /// <param name="width">Columns of the map, at least 1.</param>
    /// <param name="target">Receives targetHeight·targetWidth bytes.</param>
    /// <param name="targetHeight">Rows wanted, at least 1.</param>
    /// <param name="targetWidth">Columns wanted, at least 1.</param>
    /// <exception cref="ArgumentException">A size is not positive, or a length does not match its size.</exception>
    public static void Apply(ReadOnlySpan<byte> map, int height, int width, Span<byte> target, int targetHeight, int targetWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetHeight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetWidth, 1);
        if (map.Length != (long)height * width || target.Length != (long)targetHeight * targetWidth)
        {
            throw new ArgumentException($"{map.Length} and {target.Length} bytes do not fit {height}x{width} and {targetHeight}x{targetWidth}.", nameof(map));
        }

        var columns = new int[targetWidth];
        for (int x = 0; x < targetWidth; x++)
        {
            columns[x] = SourceOf(x, width, targetWidth);
        }

        int last = -1;
        for (int y = 0; y < targetHeight; y++)
        {
            Span<byte> row = target.Slice(y * targetWidth, targetWidth);
            int from = SourceOf(y, height, targetHeight);
            if (from == last)
            {
                target.Slice((y - 1) * targetWidth, targetWidth).CopyTo(row);
                continue;
            }

            last = from;
            ReadOnlySpan<byte> source = map.Slice(from * width, width);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = source[columns[x]];
            }
        }
    }

    /// <summary>The source index of a target index: <c>floor((index + ½)·source/target)</c> in whole numbers.</summary>
    public static int SourceOf(int index, int source, int target) => (int)(((2L * index) + 1) * source / (2L * target));
}
