using Tessera.Data;

namespace Tessera.Training;

/// <summary>Where batches come from. What an epoch holds depends on its number alone, so that a resumed run sees the same batches.</summary>
public interface IBatchSource
{
    /// <summary>Batches of one epoch, at least 1.</summary>
    int BatchCount { get; }

    /// <summary>Images of one epoch, at least 1.</summary>
    int SampleCount { get; }

    /// <summary>Images in the smallest batch of an epoch, at least 1: the last one may be smaller than the others.</summary>
    int SmallestBatch { get; }

    /// <summary>Who waited for whom in the latest epoch, and which side is the bottleneck, in words; null where nobody measures it.</summary>
    string? DataWait => null;

    /// <summary>The setting that would make the latest epoch wait less; null where it did not wait, or nobody measures it.</summary>
    string? DataAdvice => null;

    /// <summary>The batches of an epoch, from 0; the consumer disposes each. One epoch runs at a time.</summary>
    IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation);

    /// <summary>The same batches without the first ones, which a resumed run has seen.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="first">How many to leave out.</param>
    /// <param name="cancellation">Ends the epoch.</param>
    IEnumerable<SegmentationBatch> Epoch(int epoch, int first, CancellationToken cancellation)
    {
        foreach (SegmentationBatch batch in Epoch(epoch, cancellation))
        {
            if (first-- > 0)
            {
                batch.Dispose();
            }
            else
            {
                yield return batch;
            }
        }
    }
}
