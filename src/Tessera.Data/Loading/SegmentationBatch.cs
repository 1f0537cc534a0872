using Tessera.Core;

namespace Tessera.Data;

/// <summary>What a batch says about one of its images.</summary>
/// <param name="Name">The sample's name.</param>
/// <param name="Index">Its index in the pack.</param>
/// <param name="OriginalHeight">Rows before the resize.</param>
/// <param name="OriginalWidth">Columns before the resize.</param>
/// <param name="OriginalLabel">Train ids at the original size, without resize or augmentation; null unless the loader was told to keep them.</param>
public sealed record SampleInfo(string Name, int Index, int OriginalHeight, int OriginalWidth, byte[]? OriginalLabel);

/// <summary>Labelled images, ready for the network. Dispose hands the arrays back to whoever made them.</summary>
public sealed class SegmentationBatch : IDisposable
{
    private readonly SampleInfo[] _samples;
    private IDisposable? _owner;

    /// <summary>Creates a batch over existing arrays.</summary>
    /// <param name="height">Rows of each image.</param>
    /// <param name="width">Columns of each image.</param>
    /// <param name="images">N·height·width·3 int8 values: YUV444 minus 128, interleaved.</param>
    /// <param name="labels">N·height·width train ids, <see cref="ClassTable.Ignore"/> = ignored.</param>
    /// <param name="strideLabels">By stride N·(height/stride)·(width/stride) train ids; empty where nothing is trained.</param>
    /// <param name="samples">What is known about each of the N images.</param>
    /// <param name="owner">Disposed with this batch, once; null when the arrays belong to nobody else.</param>
    /// <exception cref="ArgumentException">A length does not match.</exception>
    public SegmentationBatch(
        int height, int width, sbyte[] images, byte[] labels, IReadOnlyDictionary<int, byte[]> strideLabels, IReadOnlyList<SampleInfo> samples, IDisposable? owner = null)
    {
        long pixels = (long)samples.Count * height * width;
        if (images.LongLength != pixels * 3 || labels.LongLength != pixels)
        {
            throw new ArgumentException($"{images.Length} image and {labels.Length} label values do not fit {samples.Count} images of {height}x{width}.", nameof(images));
        }

        (Height, Width, Images, Labels, StrideLabels, _samples, _owner) = (height, width, images, labels, strideLabels, samples as SampleInfo[] ?? [.. samples], owner);
    }

    /// <summary>Number of images.</summary>
    public int Count => _samples.Length;

    /// <summary>Rows of each image.</summary>
    public int Height { get; }

    /// <summary>Columns of each image.</summary>
    public int Width { get; }

    /// <summary>Count·Height·Width·3 int8 values: YUV444 minus 128, interleaved. This is the normalised image at scale 1/128.</summary>
    public sbyte[] Images { get; }

    /// <summary>Count·Height·Width train ids at the input's size, 255 = ignored.</summary>
    public byte[] Labels { get; }

    /// <summary>For each stride that is trained Count·(Height/stride)·(Width/stride) train ids; empty unless the loader was told to make them.</summary>
    public IReadOnlyDictionary<int, byte[]> StrideLabels { get; }

    /// <summary>What is known about each image, in the batch's order.</summary>
    public IReadOnlyList<SampleInfo> Samples => _samples;

    /// <summary>Hands the arrays back; they must not be used afterwards.</summary>
    public void Dispose()
    {
        _owner?.Dispose();
        _owner = null;
    }

    internal void SetSample(int slot, SampleInfo sample) => _samples[slot] = sample;
}
