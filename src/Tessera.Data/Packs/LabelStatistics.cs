using Tessera.Core;

namespace Tessera.Data;

/// <summary>How often each value and each class occurs in a set of labels.</summary>
public sealed class LabelStatistics
{
    private readonly long[] _pixelsByValue;
    private readonly long[] _classPixels;
    private readonly int[] _classImages;

    /// <summary>Starts counting at zero.</summary>
    /// <param name="classes">Number of classes.</param>
    public LabelStatistics(int classes)
        : this(0, new long[256], new long[classes], new int[classes], 0, 0)
    {
    }

    internal LabelStatistics(int images, long[] pixelsByValue, long[] classPixels, int[] classImages, long ignoredPixels, long unknownPixels)
    {
        (Images, _pixelsByValue, _classPixels, _classImages, IgnoredPixels, UnknownPixels) = (images, pixelsByValue, classPixels, classImages, ignoredPixels, unknownPixels);
    }

    /// <summary>Number of labels.</summary>
    public int Images { get; private set; }

    /// <summary>All pixels.</summary>
    public long Pixels => _pixelsByValue.Sum();

    /// <summary>Pixels of each stored value 0..255.</summary>
    public IReadOnlyList<long> PixelsByValue => _pixelsByValue;

    /// <summary>Pixels of each class.</summary>
    public IReadOnlyList<long> ClassPixels => _classPixels;

    /// <summary>Labels in which each class occurs.</summary>
    public IReadOnlyList<int> ClassImages => _classImages;

    /// <summary>Pixels that are ignored.</summary>
    public long IgnoredPixels { get; private set; }

    /// <summary>Pixels whose value means nothing in the encoding.</summary>
    public long UnknownPixels { get; private set; }

    /// <summary>Counts one label.</summary>
    /// <param name="values">Stored values.</param>
    /// <param name="remap">What they mean.</param>
    public void Add(ReadOnlySpan<byte> values, LabelRemap remap)
    {
        Span<long> own = stackalloc long[256];
        own.Clear();
        while (values.Length > 0)
        {
            // Labels are areas: whole runs are counted at once.
            int run = values.IndexOfAnyExcept(values[0]);
            run = run < 0 ? values.Length : run;
            own[values[0]] += run;
            values = values[run..];
        }

        AddOne(own, remap);
    }

    /// <summary>Adds the counts of other labels with the same classes.</summary>
    internal void Add(LabelStatistics other)
    {
        Images += other.Images;
        IgnoredPixels += other.IgnoredPixels;
        UnknownPixels += other.UnknownPixels;
        for (int value = 0; value < _pixelsByValue.Length; value++)
        {
            _pixelsByValue[value] += other._pixelsByValue[value];
        }

        for (int trainId = 0; trainId < _classPixels.Length; trainId++)
        {
            _classPixels[trainId] += other._classPixels[trainId];
            _classImages[trainId] += other._classImages[trainId];
        }
    }

    private void AddOne(ReadOnlySpan<long> pixelsByValue, LabelRemap remap)
    {
        Span<bool> seen = stackalloc bool[256];
        seen.Clear();
        Images++;
        for (int value = 0; value < 256; value++)
        {
            long pixels = pixelsByValue[value];
            int trainId = pixels == 0 ? LabelRemap.Unknown : remap.TrainIdOf((byte)value);
            _pixelsByValue[value] += pixels;
            if (trainId == LabelRemap.Unknown || (trainId >= _classPixels.Length && trainId != ClassTable.Ignore))
            {
                UnknownPixels += pixels;
            }
            else if (trainId == ClassTable.Ignore)
            {
                IgnoredPixels += pixels;
            }
            else
            {
                _classPixels[trainId] += pixels;
                seen[trainId] = true;
            }
        }

        for (int trainId = 0; trainId < _classImages.Length; trainId++)
        {
            _classImages[trainId] += seen[trainId] ? 1 : 0;
        }
    }
}
