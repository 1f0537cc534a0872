using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Tessera.Data;

/// <summary>
/// Hands out the samples of an epoch in order to workers, at most so many batches ahead, and their batches in order to one consumer.
/// </summary>
internal sealed class PrefetchQueue(EpochPlan plan, LoaderClock clock, int prefetch, int first) : IDisposable
{
    private readonly object _gate = new();
    private readonly Dictionary<int, Pending> _pending = [];
    private int _nextSample = plan.FirstSample(first);
    private int _taken = first;
    private bool _stopped;
    private ExceptionDispatchInfo? _fault;

    /// <summary>The next sample to prepare; waits while enough batches are ahead. False at the end, after a stop or a fault.</summary>
    /// <exception cref="Tessera.Core.WorkException">There is no memory for the sample's batch.</exception>
    public bool TryBegin(out Slot slot)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (!_stopped && _nextSample < plan.SampleCount && plan.Place(_nextSample).Batch >= _taken + prefetch)
            {
                Monitor.Wait(_gate);
            }

            clock.Add(LoaderClock.Phase.WorkerWait, start);
            if (_stopped || _nextSample >= plan.SampleCount)
            {
                slot = default;
                return false;
            }

            (int number, int index) = plan.Place(_nextSample);
            if (!_pending.TryGetValue(number, out Pending? pending))
            {
                pending = new Pending(plan.NewBatch(number));
                _pending.Add(number, pending);
            }

            _nextSample++;
            slot = new Slot(number, index, pending.Batch);
            return true;
        }
    }

    /// <summary>Says that a sample is in its batch.</summary>
    public void Finish(Slot slot)
    {
        lock (_gate)
        {
            if (--_pending[slot.BatchNumber].Missing == 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Ends the epoch with a fault; the first one is the one that the consumer sees.</summary>
    public void Fail(Exception fault)
    {
        lock (_gate)
        {
            _fault ??= ExceptionDispatchInfo.Capture(fault);
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The next batch in order; null at the end of the epoch. Throws what a worker met.</summary>
    public SegmentationBatch? Take(CancellationToken cancellation)
    {
        if (_taken >= plan.BatchCount)
        {
            return null;
        }

        long start = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (!_stopped && !IsReady(_taken))
            {
                Monitor.Wait(_gate);
            }

            clock.Add(LoaderClock.Phase.ConsumerWait, start);
            _fault?.Throw();
            cancellation.ThrowIfCancellationRequested();
            _pending.Remove(_taken++, out Pending? pending);
            Monitor.PulseAll(_gate);
            return pending!.Batch;
        }
    }

    /// <summary>Wakes everybody and lets no further sample begin.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Hands the buffers of batches that nobody took back; workers must have ended.</summary>
    public void Dispose()
    {
        foreach (Pending pending in _pending.Values)
        {
            pending.Batch.Dispose();
        }

        _pending.Clear();
    }

    private bool IsReady(int number) => _pending.TryGetValue(number, out Pending? pending) && pending.Missing == 0;

    /// <summary>A sample's place in a batch.</summary>
    internal readonly record struct Slot(int BatchNumber, int Index, SegmentationBatch Batch);

    private sealed class Pending(SegmentationBatch batch)
    {
        public SegmentationBatch Batch { get; } = batch;

        public int Missing { get; set; } = batch.Count;
    }
}
