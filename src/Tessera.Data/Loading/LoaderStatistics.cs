namespace Tessera.Data;

/// <summary>Who waited for whom in an epoch. Read, Decode and Augment are sums over all workers.</summary>
/// <param name="Samples">Samples prepared.</param>
/// <param name="ConsumerWait">Time that the consumer waited for batches.</param>
/// <param name="WorkerWait">Time that workers waited for the consumer to take batches.</param>
/// <param name="Read">Reading records from the pack.</param>
/// <param name="Decode">Decoding images and replacing label ids.</param>
/// <param name="Augment">Resize, augmentation, colour conversion, coarse labels.</param>
public readonly record struct LoaderStatistics(
    long Samples, TimeSpan ConsumerWait, TimeSpan WorkerWait, TimeSpan Read, TimeSpan Decode, TimeSpan Augment);
