using Tessera.Core;

namespace Tessera.Data;

/// <summary>Which samples make up which batch of an epoch.</summary>
internal sealed class EpochPlan(int[] order, int epoch, LoaderOptions options, BatchBuffers buffers, LoaderClock clock)
{
    public int Epoch => epoch;

    public LoaderClock Clock => clock;

    public int SampleCount => order.Length;

    public int BatchCount => (order.Length + options.BatchSize - 1) / options.BatchSize;

    /// <summary>The batch and the slot of the sample at a place of the order.</summary>
    public (int Batch, int Slot) Place(int position) => Math.DivRem(position, options.BatchSize);

    /// <summary>The place in the order of a batch's first sample; beyond the last for the batch after the last.</summary>
    public int FirstSample(int batch) => batch * options.BatchSize;

    /// <summary>The index in the pack of a slot's sample.</summary>
    public int SampleIndex(int batch, int slot) => order[(batch * options.BatchSize) + slot];

    /// <summary>An empty batch of the right length.</summary>
    /// <exception cref="WorkException">There is no memory for it.</exception>
    public SegmentationBatch NewBatch(int number)
    {
        int count = Math.Min(options.BatchSize, order.Length - (number * options.BatchSize));
        try
        {
            return buffers.NewBatch(new SampleInfo[count], options.Height, options.Width, options.LabelStrides);
        }
        catch (OutOfMemoryException fault)
        {
            throw new WorkException(
                $"There is no memory for another batch of {count} images of {options.Height}x{options.Width}; up to {options.Prefetch + 1} are held at a time. Lower batch_size or input_size.", fault);
        }
    }
}
