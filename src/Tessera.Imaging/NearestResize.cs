using System.Runtime.Intrinsics;

namespace Tessera.Imaging;

/// <summary>Resizes class maps: every target pixel takes the source pixel that holds its centre, <c>floor((i + ½)·source/target)</c>.</summary>
public static class NearestResize
{
    /// <summary>Resizes one map, without allocating.</summary>
    /// <remarks>For a target four times the source this repeats every pixel 4×4 times. Going from stride 4 straight to an image's
    /// own size gives the same as going over the input's size, because ⌊⌊x⌋/4⌋ = ⌊x/4⌋.</remarks>
    /// <param name="map">height·width bytes.</param>
    /// <param name="height">Rows of the map, at least 1.</param>
    /// <param name="width">Columns of the map, at least 1.</param>
    /// <param name="target">Receives targetHeight·targetWidth bytes; may not overlap the map.</param>
    /// <param name="targetHeight">Rows wanted, at least 1.</param>
    /// <param name="targetWidth">Columns wanted, at least 1.</param>
    /// <exception cref="ArgumentException">A size is not positive, a length does not match its size, or the two overlap.</exception>
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

        if (target.Overlaps(map))
        {
            throw new ArgumentException("The target overlaps the map that is read: pixels would be overwritten before their turn. Give it memory of its own.", nameof(target));
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
            Row(map.Slice(from * width, width), targetWidth, 0, row);
        }
    }

    /// <summary>Resizes a part of a row: <c>target[i] = row[SourceOf(start + i, row.Length, targetWidth)]</c>.</summary>
    /// <param name="row">The whole row of the map, at least 1 byte.</param>
    /// <param name="targetWidth">Columns of the whole target row.</param>
    /// <param name="start">The first column wanted, at least 0.</param>
    /// <param name="target">Receives the columns from there on; they end within the target row.</param>
    /// <exception cref="ArgumentException">The row is empty, or the columns lie outside the target row.</exception>
    public static void Row(ReadOnlySpan<byte> row, int targetWidth, int start, Span<byte> target)
    {
        if (row.IsEmpty || targetWidth < 1 || start < 0 || target.Length > targetWidth - start)
        {
            throw new ArgumentException($"A row of {row.Length} pixels has no columns {start} to {start + (long)target.Length - 1} when resized to {targetWidth}.", nameof(target));
        }

        int done = 0;
        if (targetWidth == 4L * row.Length && start % 4 == 0)
        {
            done = Repeat4(row[(start / 4)..], target);
        }
        else if (targetWidth == 2L * row.Length && start % 2 == 0)
        {
            done = Repeat2(row[(start / 2)..], target);
        }
        else if (targetWidth == row.Length)
        {
            row.Slice(start, target.Length).CopyTo(target);
            done = target.Length;
        }

        Steps(row, targetWidth, start + done, target[done..]);
    }

    /// <summary>The source index of a target index: <c>floor((index + ½)·source/target)</c> in whole numbers.</summary>
    public static int SourceOf(int index, int source, int target) => (int)(((2L * index) + 1) * source / (2L * target));

    // From one column to the next the dividend of SourceOf grows by 2·source: quotient and remainder are carried along.
    private static void Steps(ReadOnlySpan<byte> row, int targetWidth, int start, Span<byte> target)
    {
        long divisor = 2L * targetWidth, dividend = ((2L * start) + 1) * row.Length, remainder = dividend % divisor;
        int from = (int)(dividend / divisor), whole = row.Length / targetWidth;
        long rest = 2L * (row.Length % targetWidth);
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = row[from];
            from += whole;
            remainder += rest;
            if (remainder >= divisor)
            {
                remainder -= divisor;
                from++;
            }
        }
    }

    private static int Repeat4(ReadOnlySpan<byte> row, Span<byte> target)
    {
        int i = 0;
        for (; Vector128.IsHardwareAccelerated && i + 64 <= target.Length; i += 64)
        {
            Vector128<byte> source = Vector128.Create(row[(i / 4)..]);
            Vector128.Shuffle(source, Vector128.Create((byte)0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3)).CopyTo(target[i..]);
            Vector128.Shuffle(source, Vector128.Create((byte)4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7)).CopyTo(target[(i + 16)..]);
            Vector128.Shuffle(source, Vector128.Create((byte)8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11)).CopyTo(target[(i + 32)..]);
            Vector128.Shuffle(source, Vector128.Create((byte)12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15)).CopyTo(target[(i + 48)..]);
        }

        return i;
    }

    private static int Repeat2(ReadOnlySpan<byte> row, Span<byte> target)
    {
        int i = 0;
        for (; Vector128.IsHardwareAccelerated && i + 32 <= target.Length; i += 32)
        {
            Vector128<byte> source = Vector128.Create(row[(i / 2)..]);
            Vector128.Shuffle(source, Vector128.Create((byte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)).CopyTo(target[i..]);
            Vector128.Shuffle(source, Vector128.Create((byte)8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15)).CopyTo(target[(i + 16)..]);
        }

        return i;
    }
}
