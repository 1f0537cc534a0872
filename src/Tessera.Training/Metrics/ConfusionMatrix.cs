using System.Buffers;
using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Training;

/// <summary>
/// Counts of (true class, predicted class) over a whole set, by the definition of the Cityscapes benchmark (Cordts et al., CVPR 2016,
/// script evalPixelLevelSemanticLabeling): pixels whose truth is <see cref="ClassTable.Ignore"/> are dropped; a prediction that is no
/// class of the table is a miss of the true class and a false positive of none. All members may be called from several threads.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly Lock _lock = new();
    private readonly long[] _counts;
    private readonly int[] _rows = new int[256];
    private readonly int[] _columns = new int[256];
    private readonly int _stride;

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="classes">Number of classes, 1 to 255.</param>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, ClassTable.Ignore);
        Classes = classes;

        // One row per class, one for ignored truth, one for label values that mean nothing; one column per class, one for misses.
        _stride = classes + 1;
        _counts = new long[classes * _stride];
        for (int value = 0; value < 256; value++)
        {
            _rows[value] = (value < classes ? value : value == ClassTable.Ignore ? classes : classes + 1) * _stride;
            _columns[value] = Math.Min(value, classes);
        }
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Pixels of class <paramref name="truth"/> that were predicted as <paramref name="predicted"/>; column <see cref="Classes"/> counts misses by a value outside the table.</summary>
    public long this[int truth, int predicted]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)truth, (uint)Classes, nameof(truth));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)predicted, (uint)Classes, nameof(predicted));
            lock (_lock)
            {
                return _counts[(truth * _stride) + predicted];
            }
        }
    }

    /// <summary>Counts the pixels of one or more images.</summary>
    /// <param name="predicted">Class of each pixel.</param>
    /// <param name="truth">True class of each pixel, 255 = ignored; as many as predictions.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a label is neither a class nor 255.</exception>
    public void Add(ReadOnlySpan<byte> predicted, ReadOnlySpan<byte> truth)
    {
        if (predicted.Length != truth.Length)
        {
            throw new ArgumentException($"There are {predicted.Length} predictions for {truth.Length} labels.", nameof(predicted));
        }

        int length = (Classes + 2) * _stride;
        long[] counts = ArrayPool<long>.Shared.Rent(length);
        Array.Clear(counts, 0, length);
        Count(predicted, truth, counts);
        bool strange = counts.AsSpan((Classes + 1) * _stride, _stride).ContainsAnyExcept(0);
        if (!strange)
        {
            Merge(counts);
        }

        ArrayPool<long>.Shared.Return(counts);
        if (strange)
        {
            byte value = truth.ToArray().First(label => label >= Classes && label != ClassTable.Ignore);
            throw new ArgumentException($"A label holds the value {value}; it must be a class 0..{Classes - 1} or {ClassTable.Ignore}.", nameof(truth));
        }
    }

    /// <summary>Counts a pixel that was predicted otherwise than counted before; ignored pixels stay out. For a matrix of changes, which is merged with that of before.</summary>
    internal void Move(byte truth, byte before, byte after)
    {
        if (truth < Classes)
        {
            lock (_lock)
            {
                _counts[_rows[truth] + _columns[before]]--;
                _counts[_rows[truth] + _columns[after]]++;
            }
        }
    }

    /// <summary>All counts, for a checkpoint.</summary>
    internal ImmutableArray<long> ReadState()
    {
        lock (_lock)
        {
            return [.. _counts];
        }
    }

    /// <summary>Adds counts that <see cref="ReadState"/> gave.</summary>
    /// <exception cref="ArgumentException">They are of another number of classes.</exception>
    internal void LoadState(ImmutableArray<long> counts)
    {
        if (counts.Length != _counts.Length)
        {
            throw new ArgumentException($"{counts.Length} counts do not fit a matrix of {Classes} classes.", nameof(counts));
        }

        Merge([.. counts]);
    }

    /// <summary>Adds the counts of another matrix.</summary>
    /// <exception cref="ArgumentException">It has another number of classes.</exception>
    public void Merge(ConfusionMatrix other)
    {
        if (other.Classes != Classes)
        {
            throw new ArgumentException($"A matrix of {other.Classes} classes does not fit one of {Classes}.", nameof(other));
        }

        long[] counts;
        lock (other._lock)
        {
            counts = (long[])other._counts.Clone();
        }

        Merge(counts);
    }

    /// <summary>The measures of what was counted so far.</summary>
    /// <param name="names">A name per class.</param>
    /// <exception cref="ArgumentException">The number of names is not the number of classes.</exception>
    public MetricTable ToTable(IReadOnlyList<string> names)
    {
        if (names.Count != Classes)
        {
            throw new ArgumentException($"There are {names.Count} names for {Classes} classes.", nameof(names));
        }

        long[] counts;
        lock (_lock)
        {
            counts = (long[])_counts.Clone();
        }

        ImmutableArray<ClassMetrics>.Builder rows = ImmutableArray.CreateBuilder<ClassMetrics>(Classes);
        for (int c = 0; c < Classes; c++)
        {
            long truth = 0, predicted = 0;
            for (int other = 0; other <= Classes; other++)
            {
                truth += counts[(c * _stride) + other];
                predicted += other < Classes ? counts[(other * _stride) + c] : 0;
            }

            rows.Add(new ClassMetrics(names[c], counts[(c * _stride) + c], truth, predicted));
        }

        return new MetricTable(rows.MoveToImmutable());
    }

    /// <summary>As <see cref="ToTable(IReadOnlyList{string})"/>, with the names of a class table.</summary>
    public MetricTable ToTable(ClassTable classes) => ToTable([.. classes.Classes.Select(entry => entry.Name)]);

    private void Count(ReadOnlySpan<byte> predicted, ReadOnlySpan<byte> truth, long[] counts)
    {
        // Street images are made of long runs of one (truth, prediction) pair: count a run in a register and store it once.
        int current = 0;
        long run = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            int cell = _rows[truth[i]] + _columns[predicted[i]];
            if (cell != current)
            {
                counts[current] += run;
                current = cell;
                run = 0;
            }

            run++;
        }

        counts[current] += run;
    }

    private void Merge(long[] counts)
    {
        lock (_lock)
        {
            for (int i = 0; i < _counts.Length; i++)
            {
                _counts[i] += counts[i];
            }
        }
    }
}
