using Tessera.Data;

namespace Tessera.Training;

/// <summary>The batches of a loader. Dataset and loader stay the caller's.</summary>
/// <param name="loader">The loader.</param>
public sealed class LoaderSource(BatchLoader loader) : IBatchSource
{
    /// <inheritdoc/>
    public int BatchCount => loader.BatchesPerEpoch;

    /// <inheritdoc/>
    public int SampleCount => loader.SamplesPerEpoch;

    /// <inheritdoc/>
    public int SmallestBatch => loader.SamplesPerEpoch % loader.Options.BatchSize is > 0 and int last ? last : loader.Options.BatchSize;

    /// <inheritdoc/>
    public string? DataWait => loader.Statistics.ToString();

    /// <inheritdoc/>
    public string? DataAdvice => loader.Statistics.Advice is { Length: > 0 } advice ? advice : null;

    /// <inheritdoc/>
    public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation) => loader.Epoch(epoch, cancellation);

    /// <inheritdoc/>
    public IEnumerable<SegmentationBatch> Epoch(int epoch, int first, CancellationToken cancellation) => loader.Epoch(epoch, cancellation, first);
}
