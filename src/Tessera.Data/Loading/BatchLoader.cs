using System.Collections.Concurrent;
using System.Diagnostics;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Makes the batches of an epoch, ahead of the consumer, on threads of its own. What a batch holds depends on the options, the epoch
/// and the pack alone, not on the number of workers or their timing.
/// </summary>
/// <remarks>
/// One loader runs one epoch at a time. The dataset stays the caller's and must outlive the loader's epochs.
/// </remarks>
public sealed class BatchLoader
{
    private readonly SegmentationDataset _dataset;
    private readonly BatchBuffers _buffers;
    private readonly ConcurrentBag<SamplePreparer> _preparers = [];
    private LoaderClock? _clock;
    private int _running;

    /// <summary>Creates a loader; no thread starts before an epoch is enumerated.</summary>
    /// <exception cref="UsageException">An option is out of its range.</exception>
    public BatchLoader(SegmentationDataset dataset, LoaderOptions options)
    {
        options.Validate();
        _dataset = dataset;
        Options = options;

        // The consumer holds one or two batches beyond the prefetched ones.
        _buffers = new BatchBuffers(options.Prefetch + 2);
    }

    /// <summary>The options.</summary>
    public LoaderOptions Options { get; }

    /// <summary>Samples per epoch of this rank: ceil(count / world size).</summary>
    public int SamplesPerEpoch => (int)(((long)_dataset.Count + Options.WorldSize - 1) / Options.WorldSize);

    /// <summary>Batches per epoch of this rank, the last partial one included.</summary>
    public int BatchesPerEpoch => (SamplesPerEpoch + Options.BatchSize - 1) / Options.BatchSize;

    /// <summary>Times of the epoch that runs, or of the last one; all zero before the first.</summary>
    public LoaderStatistics Statistics => _clock?.Read() ?? default;

    /// <summary>The batches of an epoch. Leaving the loop early stops the workers. Dispose each batch when its content is no longer needed.</summary>
    /// <param name="epoch">The epoch, from 0; it decides order and augmentation.</param>
    /// <param name="cancellation">Ends the epoch.</param>
    /// <exception cref="BadFileException">A record is damaged or holds a wrong label id; the message names it. Or the pack was deleted since the last epoch.</exception>
    /// <exception cref="OperationCanceledException">The epoch was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another epoch of this loader is still being enumerated.</exception>
    public IEnumerable<Batch> Epoch(int epoch, CancellationToken cancellation = default)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            throw new InvalidOperationException("A loader runs one epoch at a time; end the loop over the other one first.");
        }

        try
        {
            _dataset.CheckPresent();
            int[] order = SampleOrder.ForRank(_dataset.Count, Options.Shuffle, Options.Seed, epoch, Options.Rank, Options.WorldSize);
            _clock = new LoaderClock(Options.Workers);
            var plan = new EpochPlan(order, epoch, Options, _buffers, _clock);
            IEnumerable<Batch> batches = Options.Workers == 0 ? RunHere(plan, cancellation) : RunAhead(plan, cancellation);
            foreach (Batch batch in batches)
            {
                yield return batch;
            }
        }
        finally
        {
            _clock?.Stop();
            Volatile.Write(ref _running, 0);
        }
    }

    private IEnumerable<Batch> RunHere(EpochPlan plan, CancellationToken cancellation)
    {
        SamplePreparer preparer = RentPreparer();
        for (int number = 0; number < plan.BatchCount; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            Batch batch = plan.NewBatch(number);
            for (int slot = 0; slot < batch.Count; slot++)
            {
                Prepare(preparer, plan, number, slot, batch);
            }

            plan.Clock.Add(LoaderClock.Phase.ConsumerWait, start);
            yield return batch;
        }

        _preparers.Add(preparer);
    }

    private IEnumerable<Batch> RunAhead(EpochPlan plan, CancellationToken cancellation)
    {
        using var queue = new PrefetchQueue(plan, plan.Clock, Options.Prefetch);
        var threads = new Thread[Math.Min(Options.Workers, plan.SampleCount)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() => Work(queue, plan)) { IsBackground = true, Name = $"Tessera loader {i}" };
            threads[i].Start();
        }

        using CancellationTokenRegistration registration = cancellation.Register(queue.Stop);
        try
        {
            while (queue.Take(cancellation) is { } batch)
            {
                yield return batch;
            }
        }
        finally
        {
            queue.Stop();
            foreach (Thread thread in threads)
            {
                thread.Join();
            }
        }
    }

    private void Work(PrefetchQueue queue, EpochPlan plan)
    {
        SamplePreparer preparer = RentPreparer();
        while (queue.TryBegin(out PrefetchQueue.Slot slot))
        {
            try
            {
                Prepare(preparer, plan, slot.BatchNumber, slot.Index, slot.Batch);
            }
            catch (Exception fault)
            {
                // The consumer's thread throws it; a thread of ours would end the process.
                queue.Fail(fault);
                return;
            }

            queue.Finish(slot);
        }

        _preparers.Add(preparer);
    }

    private void Prepare(SamplePreparer preparer, EpochPlan plan, int number, int slot, Batch batch)
    {
        int index = plan.SampleIndex(number, slot);
        try
        {
            preparer.Prepare(index, batch, slot, new SamplePreparer.DrawAddress(plan.Epoch, number), plan.Clock);
        }
        catch (Exception fault) when (fault is not TesseraException)
        {
            throw new WorkException($"Preparing {_dataset.Describe(index)} failed: {fault.Message}", fault);
        }
    }

    private SamplePreparer RentPreparer() => _preparers.TryTake(out SamplePreparer? preparer) ? preparer : new SamplePreparer(_dataset, Options);
}
