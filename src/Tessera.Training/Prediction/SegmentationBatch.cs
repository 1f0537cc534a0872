using Tessera.Core;
using Tessera.Data;

namespace Tessera.Training;

/// <summary>Labelled images, ready for the network. Dispose hands the arrays back to whoever made them.</summary>
public sealed class SegmentationBatch : IDisposable
{
    private readonly IDisposable? _owner;

    /// <summary>Creates a batch over existing arrays.</summary>
    /// <param name="height">Rows of each image.</param>
    /// <param name="width">Columns of each image.</param>
    /// <param name="images">N·height·width·3 int8 values: YUV444 minus 128, interleaved.</param>
    /// <param name="labels">N·height·width train ids, <see cref="ClassTable.Ignore"/> = ignored.</param>
    /// <param name="strideLabels">By stride N·(height/stride)·(width/stride) train ids; empty where nothing is trained.</param>
    /// <param name="samples">What is known about each of the N images.</param>
    /// <param name="owner">Disposed with this batch; null when the arrays belong to nobody else.</param>
    /// <exception cref="ArgumentException">A length does not match.</exception>
    public SegmentationBatch(
        int height, int width, sbyte[] images, byte[] labels, IReadOnlyDictionary<int, byte[]> strideLabels, IReadOnlyList<SampleInfo> samples, IDisposable? owner = null)
    {
        long pixels = (long)samples.Count * height * width;
        if (images.LongLength != pixels * 3 || labels.LongLength != pixels)
        {
            throw new ArgumentException($"{images.Length} image and {labels.Length} label values do not fit {samples.Count} images of {height}x{width}.", nameof(images));
        }

        (Height, Width, Images, Labels, StrideLabels, Samples, _owner) = (height, width, images, labels, strideLabels, samples, owner);
    }

    /// <summary>Number of images.</summary>
    public int Count => Samples.Count;

    /// <summary>Rows of each image.</summary>
    public int Height { get; }

    /// <summary>Columns of each image.</summary>
    public int Width { get; }

    /// <summary>N·Height·Width·3 int8 values.</summary>
    public sbyte[] Images { get; }

    /// <summary>N·Height·Width train ids at the input's size.</summary>
    public byte[] Labels { get; }

    /// <summary>Train ids by stride.</summary>
    public IReadOnlyDictionary<int, byte[]> StrideLabels { get; }

    /// <summary>What is known about each image.</summary>
    public IReadOnlyList<SampleInfo> Samples { get; }

    /// <inheritdoc/>
    public void Dispose() => _owner?.Dispose();
}
