using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tessera.Imaging;

/// <summary>
/// The steps of Tessera's bilinear resize of bytes, in float32: a row becomes levels, is sampled along itself, and two sampled rows are
/// blended and rounded half to even. Whoever resizes in these steps gets the same bytes.
/// </summary>
/// <remarks>
/// Every product and every sum is rounded to float32 on its own, whatever the width of the vectors, as the plain expressions in the
/// comments say. Buffers of levels and of sampled values have room for <see cref="Padding"/> more than the row has values.
/// </remarks>
public static class BilinearRow
{
    /// <summary>Values that a buffer of levels or sampled values holds beyond those of its row.</summary>
    public const int Padding = 4;

    /// <summary>Bytes to float32: <c>levels[i] = row[i]</c>, and the last value once more behind the last.</summary>
    /// <param name="row">At least 1 byte.</param>
    /// <param name="levels">row.Length + <see cref="Padding"/> values.</param>
    /// <exception cref="ArgumentException">The row is empty, or the buffer too short.</exception>
    // Optimised at once: the first frames would be over before the runtime finds out that this is called often.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToLevels(ReadOnlySpan<byte> row, Span<float> levels)
    {
        Check(row.Length, levels.Length);
        int i = 0;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Store(low, levels[i..]);
            Store(high, levels[(i + Vector<ushort>.Count)..]);
        }

        for (; i < row.Length; i++)
        {
            levels[i] = row[i];
        }

        levels[row.Length] = row[^1];
    }

    /// <summary>Bytes in pairs to two rows of float32: <c>first[i] = pairs[2i]</c>, <c>second[i] = pairs[2i + 1]</c>, and each one's last value once more.</summary>
    /// <param name="pairs">At least 2 bytes, an even number.</param>
    /// <param name="first">pairs.Length / 2 + <see cref="Padding"/> values.</param>
    /// <param name="second">As many.</param>
    /// <exception cref="ArgumentException">The row is empty or odd, or a buffer too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToLevels(ReadOnlySpan<byte> pairs, Span<float> first, Span<float> second)
    {
        int count = pairs.Length / 2;
        Check(count, Math.Min(first.Length, second.Length));
        if (pairs.Length % 2 != 0)
        {
            throw new ArgumentException($"{pairs.Length} bytes are no pairs.", nameof(pairs));
        }

        int i = 0;
        if (BitConverter.IsLittleEndian)
        {
            for (; i + Vector<ushort>.Count <= count; i += Vector<ushort>.Count)
            {
                // A 16-bit lane is a pair; its low half is the first byte.
                Vector<ushort> both = Vector.AsVectorUInt16(new Vector<byte>(pairs[(2 * i)..]));
                Store(both & new Vector<ushort>(255), first[i..]);
                Store(both >>> 8, second[i..]);
            }
        }

        for (; i < count; i++)
        {
            (first[i], second[i]) = (pairs[2 * i], pairs[(2 * i) + 1]);
        }

        (first[count], second[count]) = (pairs[^2], pairs[^1]);
    }

    /// <summary>
    /// Samples along a row of interleaved pixels and keeps three values of each:
    /// <c>sampled[3x + c] = levels[n·First[x] + c]·Weight0[x] + levels[n·Second[x] + c]·Weight1[x]</c> for n channels.
    /// </summary>
    /// <param name="levels">n·columns.Source values and <see cref="Padding"/>.</param>
    /// <param name="channels">Values of a pixel: 3, or 4 of which the last is left out.</param>
    /// <param name="columns">The taps.</param>
    /// <param name="sampled">3·columns.Length + <see cref="Padding"/> values.</param>
    /// <exception cref="ArgumentException">A buffer is too short, or the number of channels is another.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SamplePixels(ReadOnlySpan<float> levels, int channels, AxisTaps columns, Span<float> sampled)
    {
        if (channels is not (3 or 4))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "A pixel has 3 or 4 channels.");
        }

        ArgumentNullException.ThrowIfNull(columns);
        Check((long)channels * columns.Source, levels.Length);
        Check(3L * columns.Length, sampled.Length);

        // Pixels move as four values. Of three channels the fourth lane is the next pixel's first, or the padding; the next pixel's write
        // overwrites it, and behind the last it falls into the padding. Indices lie below Source, so that a read of four values at
        // channels·index ends within the levels and their padding, which was checked: no read needs a check of its own.
        ref float from = ref MemoryMarshal.GetReference(levels), to = ref MemoryMarshal.GetReference(sampled);
        ReadOnlySpan<int> first = columns.First, second = columns.Second;
        ReadOnlySpan<float> weight0 = columns.Weight0, weight1 = columns.Weight1;
        for (int x = 0; x < first.Length && x < second.Length && x < weight0.Length && x < weight1.Length; x++)
        {
            Vector128<float> left = Vector128.LoadUnsafe(ref from, (uint)(first[x] * channels)), right = Vector128.LoadUnsafe(ref from, (uint)(second[x] * channels));
            ((left * weight0[x]) + (right * weight1[x])).StoreUnsafe(ref to, (uint)(x * 3));
        }
    }

    /// <summary>
    /// Samples along a row of single values: <c>sampled[x] = levels[First[x]]·Weight0[x] + levels[Second[x]]·Weight1[x]</c>.
    /// </summary>
    /// <param name="levels">The row's values as <see cref="ToLevels(ReadOnlySpan{byte}, Span{float})"/> leaves them: columns.Source and <see cref="Padding"/>.</param>
    /// <param name="columns">The taps.</param>
    /// <param name="sampled">columns.Length + <see cref="Padding"/> values.</param>
    /// <exception cref="ArgumentException">A buffer is too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SamplePlane(ReadOnlySpan<float> levels, AxisTaps columns, Span<float> sampled)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Check(columns.Source, levels.Length);
        Check(columns.Length, sampled.Length);
        ReadOnlySpan<int> first = columns.First, second = columns.Second;
        ReadOnlySpan<float> weight0 = columns.Weight0, weight1 = columns.Weight1;
        int x = 0;
        if (BitConverter.IsLittleEndian && columns.IsAdjacent)
        {
            // The second tap is the value behind the first, or where that is the last one the same value, which ToLevels repeated: so one
            // 64-bit read has both, and at an index below Source it lies within the levels and their padding. Narrowing 64-bit lanes takes
            // the left values of eight pixels, and after a shift the right ones.
            ref byte from = ref Unsafe.As<float, byte>(ref MemoryMarshal.GetReference(levels));
            for (; x + 8 <= first.Length; x += 8)
            {
                ReadOnlySpan<int> at = first.Slice(x, 8);
                Vector256<ulong> a = Vector256.Create(Pair(ref from, at[0]), Pair(ref from, at[1]), Pair(ref from, at[2]), Pair(ref from, at[3]));
                Vector256<ulong> b = Vector256.Create(Pair(ref from, at[4]), Pair(ref from, at[5]), Pair(ref from, at[6]), Pair(ref from, at[7]));
                Vector256<float> left = Vector256.Narrow(a, b).AsSingle(), right = Vector256.Narrow(a >>> 32, b >>> 32).AsSingle();
                ((left * Vector256.Create(weight0[x..])) + (right * Vector256.Create(weight1[x..]))).CopyTo(sampled[x..]);
            }
        }

        for (; x < first.Length; x++)
        {
            sampled[x] = (levels[first[x]] * weight0[x]) + (levels[second[x]] * weight1[x]);
        }
    }

    /// <summary>Blends two sampled rows: <c>target[i] = rne(weight0·upper[i] + weight1·lower[i])</c>.</summary>
    /// <param name="upper">At least target.Length values, 0..255.</param>
    /// <param name="lower">Likewise.</param>
    /// <param name="weight0">The share of the upper row, 0..1.</param>
    /// <param name="weight1">The share of the lower row; with the other at most 1.</param>
    /// <param name="target">The bytes.</param>
    /// <exception cref="ArgumentException">A row is shorter than the target.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blend(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, float weight0, float weight1, Span<byte> target)
    {
        int i = 0, block = Vector<byte>.Count, lanes = Vector<float>.Count;
        upper = upper[..target.Length];
        lower = lower[..target.Length];

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

    private static void Check(long values, int buffer)
    {
        if (values < 1 || buffer < values + Padding)
        {
            throw new ArgumentException($"A row of {values} values needs at least one of them and a buffer of {values + Padding}; the buffer has {buffer}.");
        }
    }

    private static ulong Pair(ref byte levels, int index) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref levels, (nint)index * sizeof(float)));

    private static void Store(Vector<ushort> values, Span<float> levels)
    {
        Vector.Widen(values, out Vector<uint> low, out Vector<uint> high);
        Vector.ConvertToSingle(Vector.AsVectorInt32(low)).CopyTo(levels);
        Vector.ConvertToSingle(Vector.AsVectorInt32(high)).CopyTo(levels[Vector<float>.Count..]);
    }

    private static Vector<int> Round(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, int i, float weight0, float weight1) =>
        Vector.ConvertToInt32Native(Vector.Round((new Vector<float>(upper[i..]) * weight0) + (new Vector<float>(lower[i..]) * weight1), MidpointRounding.ToEven));
}
