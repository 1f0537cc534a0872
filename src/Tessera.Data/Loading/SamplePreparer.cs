using System.Diagnostics;
using Tessera.Imaging;

namespace Tessera.Data;

/// <summary>Takes one sample from the pack into its slot of a batch. Owns scratch buffers and belongs to one thread at a time.</summary>
internal sealed class SamplePreparer(SegmentationDataset dataset, LoaderOptions options)
{
    private readonly byte[] _rgb = new byte[options.Height * options.Width * 3];
    private readonly byte[] _augmentedRgb = new byte[options.Augmentations.Count > 0 ? options.Height * options.Width * 3 : 0];
    private readonly byte[] _label = new byte[options.Height * options.Width];
    private readonly byte[] _augmentedLabel = new byte[options.Augmentations.Count > 0 ? options.Height * options.Width : 0];
    private byte[] _record = [];
    private byte[] _originalRgb = [];
    private byte[] _originalLabel = [];

    /// <summary>Fills a slot.</summary>
    /// <param name="index">The sample's index in the pack.</param>
    /// <param name="batch">The batch to fill.</param>
    /// <param name="slot">Its place in the batch.</param>
    /// <param name="draw">Where in the run this is; it decides the augmentation's draws.</param>
    /// <param name="clock">Told how long each phase took.</param>
    public void Prepare(int index, SegmentationBatch batch, int slot, DrawAddress draw, LoaderClock clock)
    {
        long time = Stopwatch.GetTimestamp();
        dataset.ReadRecord(index, ref _record, out int length);
        time = clock.Add(LoaderClock.Phase.Read, time);

        (int height, int width) = dataset.Decode(index, _record.AsMemory(0, length), ref _originalRgb, ref _originalLabel);
        ReadOnlySpan<byte> originalLabel = _originalLabel.AsSpan(0, height * width);
        time = clock.Add(LoaderClock.Phase.Decode, time);

        SegResize.Image(_originalRgb.AsSpan(0, height * width * 3), height, width, _rgb, options.Height, options.Width);
        SegResize.Label(originalLabel, height, width, _label, options.Height, options.Width);
        AugmentationBuffers final = Augment(index, draw);
        Fill(batch, slot, final);
        byte[]? kept = options.KeepOriginalLabel ? originalLabel.ToArray() : null;
        batch.SetSample(slot, new SampleInfo(dataset.Name(index), index, height, width, kept));
        clock.Add(LoaderClock.Phase.Augment, time);
        clock.CountSample();
    }

    private AugmentationBuffers Augment(int index, DrawAddress draw)
    {
        var current = new AugmentationBuffers(_rgb, _label, options.Height, options.Width);
        var next = new AugmentationBuffers(_augmentedRgb, _augmentedLabel, options.Height, options.Width);
        for (int step = 0; step < options.Augmentations.Count; step++)
        {
            IAugmentation augmentation = options.Augmentations[step];

            // Paths of different lengths, so that the two kinds of draw never share a stream.
            SplittableRandom random = augmentation.PerImage
                ? SplittableRandom.For(options.Seed, draw.Epoch, index, step)
                : SplittableRandom.For(options.Seed, draw.Epoch, draw.Batch, options.Rank, step);
            augmentation.Apply(current, next, random);
            (current, next) = (next, current);
        }

        return current;
    }

    private void Fill(SegmentationBatch batch, int slot, AugmentationBuffers sample)
    {
        int pixels = options.Height * options.Width;
        Yuv444.FromRgb(sample.Rgb.Span, batch.Images.AsSpan(slot * pixels * 3, pixels * 3), options.Height, options.Width, options.Swing);
        sample.Label.Span.CopyTo(batch.Labels.AsSpan(slot * pixels, pixels));
        foreach ((int stride, byte[] labels) in batch.StrideLabels)
        {
            int coarse = pixels / stride / stride;
            LabelShrink.Apply(sample.Label.Span, options.Height, options.Width, stride, labels.AsSpan(slot * coarse, coarse));
        }
    }

    /// <summary>The epoch and the batch within the epoch.</summary>
    internal readonly record struct DrawAddress(int Epoch, int Batch);
}
