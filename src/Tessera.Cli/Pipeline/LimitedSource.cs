using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>The first few batches of a source.</summary>
/// <param name="source">The source.</param>
/// <param name="batches">How many batches, at least 1.</param>
/// <param name="batchSize">Images in a full batch of the source.</param>
internal sealed class LimitedSource(IBatchSource source, int batches, int batchSize) : IBatchSource
{
    /// <inheritdoc/>
    public int BatchCount => Math.Min(batches, source.BatchCount);

    /// <inheritdoc/>
    public int SampleCount => Math.Min(batches * batchSize, source.SampleCount);

    /// <inheritdoc/>
    public int SmallestBatch => BatchCount < source.BatchCount ? batchSize : source.SmallestBatch;

    /// <inheritdoc/>
    public string? DataWait => source.DataWait;

    /// <inheritdoc/>
    public string? DataAdvice => source.DataAdvice;

    /// <inheritdoc/>
    public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation) => Epoch(epoch, 0, cancellation);

    /// <inheritdoc/>
    public IEnumerable<SegmentationBatch> Epoch(int epoch, int first, CancellationToken cancellation) => source.Epoch(epoch, first, cancellation).Take(BatchCount - first);
}
