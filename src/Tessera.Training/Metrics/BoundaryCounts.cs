using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Training;

/// <summary>
/// Counts for the boundary IoU (Cheng et al., CVPR 2021): intersection and union of what lies near the borders of a class's areas in truth and prediction. Large areas count no more
/// than their outlines there, so that a thin pole or a ragged edge shows.
/// </summary>
/// <remarks>
/// A pixel is near the border where the square of 2·d + 1 pixels around it leaves the image or holds another class; d is a share of the image's diagonal, rounded, at least 1. Pixels whose
/// truth is ignored are left out, and are no class in the prediction either.
/// </remarks>
public sealed class BoundaryCounts
{
    /// <summary>The paper's share of the diagonal.</summary>
    public const double DefaultWidth = 0.02;

    private readonly double _width;
    private readonly long[] _correct, _truth, _predicted;

    /// <summary>Creates empty counts.</summary>
    /// <param name="classes">Number of classes, 1 to 255.</param>
    /// <param name="width">How far from the border is near, as a share of the image's diagonal, above 0 and at most 1.</param>
    public BoundaryCounts(int classes, double width = DefaultWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, ClassTable.Ignore);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 1);
        _width = width;
        (_correct, _truth, _predicted) = (new long[classes], new long[classes], new long[classes]);
    }

    /// <summary>Counts the pixels of an image.</summary>
    /// <param name="predicted">height·width classes.</param>
    /// <param name="truth">As many true classes, 255 = ignored.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <exception cref="ArgumentException">A length does not match the size.</exception>
    public void Add(ReadOnlySpan<byte> predicted, ReadOnlySpan<byte> truth, int height, int width)
    {
        if (predicted.Length != height * width || truth.Length != predicted.Length)
        {
            throw new ArgumentException($"There are {predicted.Length} predictions and {truth.Length} labels for {height}x{width} pixels.", nameof(predicted));
        }

        byte[] scored = predicted.ToArray();
        for (int i = 0; i < scored.Length; i++)
        {
            scored[i] = truth[i] == ClassTable.Ignore ? ClassTable.Ignore : scored[i];
        }

        int distance = Math.Max(1, (int)Math.Round(_width * Math.Sqrt(((double)height * height) + ((double)width * width)), MidpointRounding.ToEven));
        bool[] inTruth = NearBorder(truth, height, width, distance), inPrediction = NearBorder(scored, height, width, distance);
        for (int i = 0; i < scored.Length; i++)
        {
            int t = truth[i], p = scored[i];
            if (t < _truth.Length && inTruth[i])
            {
                _truth[t]++;
                _correct[t] += p == t && inPrediction[i] ? 1 : 0;
            }

            if (p < _predicted.Length && inPrediction[i])
            {
                _predicted[p]++;
            }
        }
    }

    /// <summary>The counts of each class.</summary>
    /// <param name="names">A name per class.</param>
    public ImmutableArray<ClassMetrics> ToClasses(IReadOnlyList<string> names) => [.. names.Select((name, c) => new ClassMetrics(name, _correct[c], _truth[c], _predicted[c]))];

    /// <summary>Where the square around a pixel leaves the image or holds another class.</summary>
    internal static bool[] NearBorder(ReadOnlySpan<byte> map, int height, int width, int distance)
    {
        // How far one class reaches: first in a row to the nearer side, then over rows that it fills so far, upwards and downwards.
        bool[] fillsRow = new bool[map.Length], near = new bool[map.Length];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = map.Slice(y * width, width);
            for (int start = 0, end; start < width; start = end)
            {
                int differing = row[(start + 1)..].IndexOfAnyExcept(row[start]);
                end = differing < 0 ? width : start + 1 + differing;
                int first = start + distance, last = end - 1 - distance;
                if (first <= last)
                {
                    fillsRow.AsSpan((y * width) + first, last - first + 1).Fill(true);
                }
            }
        }

        for (int x = 0; x < width; x++)
        {
            for (int start = 0, end; start < height; start = end)
            {
                int at = (start * width) + x;
                for (end = start + 1; end < height && fillsRow[at] && fillsRow[(end * width) + x] && map[(end * width) + x] == map[at]; end++)
                {
                }

                for (int y = start; y < end; y++)
                {
                    near[(y * width) + x] = !fillsRow[at] || y - start < distance || end - 1 - y < distance;
                }
            }
        }

        return near;
    }
}
