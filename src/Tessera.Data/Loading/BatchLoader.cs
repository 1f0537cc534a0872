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
        Buffers = new BatchBuffers(options.Prefetch + 2);
    }

    /// <summary>The options.</summary>
    public LoaderOptions Options { get; }

    /// <summary>The arrays that its batches pass on to each other.</summary>
    internal BatchBuffers Buffers { get; }

    /// <summary>Samples per epoch of this rank: ceil(count / world size).</summary>
    public int SamplesPerEpoch => (int)(((long)_dataset.Count + Options.WorldSize - 1) / Options.WorldSize);

    /// <summary>Batches per epoch of this rank, the last partial one included.</summary>
    public int BatchesPerEpoch => (SamplesPerEpoch + Options.BatchSize - 1) / Options.BatchSize;

    /// <summary>Times of the epoch that runs, or of the last one; all zero before the first.</summary>
    public LoaderStatistics Statistics => _clock?.Read() ?? default;

    /// <summary>The batches of an epoch. Leaving the loop early stops the workers. Dispose each batch when its content is no longer needed.</summary>
    /// <param name="epoch">The epoch, from 0; it decides order and augmentation.</param>
    /// <param name="cancellation">Ends the epoch.</param>
    /// <param name="first">How many batches to leave out at the beginning; nothing of them is read.</param>
    /// <exception cref="BadFileException">A record is damaged or holds a wrong label id; the message names it. Or the pack was deleted since the last epoch.</exception>
    /// <exception cref="WorkException">There is no memory or no thread for so many workers or so large batches, or a sample could not be prepared.</exception>
    /// <exception cref="OperationCanceledException">The epoch was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another epoch of this loader is still being enumerated.</exception>
    public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation = default, int first = 0)
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
            var plan = new EpochPlan(order, epoch, Options, Buffers, _clock);
            IEnumerable<SegmentationBatch> batches = Options.Workers == 0 ? RunHere(plan, first, cancellation) : RunAhead(plan, first, cancellation);
            foreach (SegmentationBatch batch in batches)
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

    private IEnumerable<SegmentationBatch> RunHere(EpochPlan plan, int first, CancellationToken cancellation)
    {
        SamplePreparer preparer = RentPreparer();
        for (int number = first; number < plan.BatchCount; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            SegmentationBatch batch = plan.NewBatch(number);
            for (int slot = 0; slot < batch.Count; slot++)
            {
                Prepare(preparer, plan, number, slot, batch);
            }

            plan.Clock.Add(LoaderClock.Phase.ConsumerWait, start);
            yield return batch;
        }

        _preparers.Add(preparer);
    }

    private IEnumerable<SegmentationBatch> RunAhead(EpochPlan plan, int first, CancellationToken cancellation)
    {
        using var queue = new PrefetchQueue(plan, plan.Clock, Options.Prefetch, first);
        var threads = new List<Thread>();
        using CancellationTokenRegistration registration = cancellation.Register(queue.Stop);
        try
        {
            for (int i = 0; i < Math.Min(Options.Workers, plan.SampleCount); i++)
            {
                threads.Add(Start(i, queue, plan));
            }

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

    private Thread Start(int number, PrefetchQueue queue, EpochPlan plan)
    {
        var thread = new Thread(() => Work(queue, plan)) { IsBackground = true, Name = $"Tessera loader {number}" };
        try
        {
            thread.Start();
        }
        catch (Exception fault) when (fault is OutOfMemoryException or ThreadStartException)
        {
            throw new WorkException($"The system gives no thread for loader worker {number + 1} of {Options.Workers}. Lower num_workers.", fault);
        }

        return thread;
    }

    private void Work(PrefetchQueue queue, EpochPlan plan)
    {
        // Nothing stands outside: the consumer's thread throws what is met here, where this thread would end the process.
        try
        {
            SamplePreparer preparer = RentPreparer();
            while (queue.TryBegin(out PrefetchQueue.Slot slot))
            {
                Prepare(preparer, plan, slot.BatchNumber, slot.Index, slot.Batch);
                queue.Finish(slot);
            }

            _preparers.Add(preparer);
        }
        catch (Exception fault)
        {
            queue.Fail(fault);
        }
    }

    private void Prepare(SamplePreparer preparer, EpochPlan plan, int number, int slot, SegmentationBatch batch)
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

    private SamplePreparer RentPreparer()
    {
        if (_preparers.TryTake(out SamplePreparer? preparer))
        {
            return preparer;
        }

        try
        {
            return new SamplePreparer(_dataset, Options);
        }
        catch (OutOfMemoryException fault)
        {
            throw new WorkException($"There is no memory for another loader worker at an input size of {Options.Height}x{Options.Width}. Lower num_workers (now {Options.Workers}) or input_size.", fault);
        }
    }
}
