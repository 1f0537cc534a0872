using System.Runtime.ExceptionServices;

namespace Tessera.Runtime;

/// <summary>
/// A fixed team of threads, for one model or several: frames that want it at the same time take it in turns. The caller's thread is one of them.
/// Between the layers of a frame the others wait awake for some microseconds, since falling asleep and waking up would cost more than a small
/// layer; between frames they sleep.
/// </summary>
public sealed class WorkerPool : IWorkerPool, IDisposable
{
    /// <summary>The most threads of a pool.</summary>
    internal const int MostWorkers = 1024;

    // About 50 microseconds on current processors: longer than the time between two layers, far shorter than a frame.
    private const int SpinRounds = 2000;

    [ThreadStatic]
    private static WorkerPool? s_mine;

    private readonly Thread[] _threads;
    private readonly Lock _turn = new();
    private readonly object _gate = new();
    private Action<int>? _work;
    private int _round;
    private int _running;
    private bool _stopped;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">Number of threads including the caller's, 1 to 1024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number lies outside its range.</exception>
    public WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, MostWorkers);
        Workers = workers;
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"Tessera worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <inheritdoc/>
    public int Workers { get; }

    private bool IsCallback => s_mine == this || _turn.IsHeldByCurrentThread;

    /// <inheritdoc/>
    /// <remarks>May be called from any thread at any time; calls take turns. From within the work of this pool the calls are made one after another.</remarks>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public void Run(Action<int> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (IsCallback)
        {
            for (int worker = 0; worker < Workers; worker++)
            {
                work(worker);
            }

            return;
        }

        lock (_turn)
        {
            RunRound(work);
        }
    }

    /// <summary>Ends the threads, once the work that they are at is done. Calls that wait for their turn then fail.</summary>
    /// <exception cref="InvalidOperationException">It is called from within the pool's own work, which would wait for itself.</exception>
    public void Dispose()
    {
        if (IsCallback)
        {
            throw new InvalidOperationException("A pool cannot be disposed by the work that it is doing. Dispose it when the work is done.");
        }

        lock (_turn)
        {
            lock (_gate)
            {
                _stopped = true;
                Monitor.PulseAll(_gate);
            }
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void RunRound(Action<int> work)
    {
        ObjectDisposedException.ThrowIf(_stopped, this);
        if (_threads.Length == 0)
        {
            work(0);
            return;
        }

        _failure = null;
        _work = work;
        Volatile.Write(ref _running, _threads.Length);
        lock (_gate)
        {
            Volatile.Write(ref _round, _round + 1);
            Monitor.PulseAll(_gate);
        }

        Execute(work, 0);
        var spin = default(SpinWait);
        while (Volatile.Read(ref _running) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        _work = null; // the pool may live longer than what it worked for
        _failure?.Throw();
    }

    private void Serve(int worker)
    {
        s_mine = this;
        for (int seen = 0; Await(seen); seen++)
        {
            Execute(_work!, worker);
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Waits for the round behind the one last seen; false when the pool ends.</summary>
    private bool Await(int seen)
    {
        for (int i = 0; i < SpinRounds; i++)
        {
            if (Volatile.Read(ref _round) != seen)
            {
                return true;
            }

            Thread.SpinWait(1);
        }

        lock (_gate)
        {
            while (_round == seen && !_stopped)
            {
                Monitor.Wait(_gate);
            }

            return _round != seen;
        }
    }

    private void Execute(Action<int> work, int worker)
    {
        try
        {
            work(worker);
        }
        catch (Exception failure)
        {
            // Thrown again on the caller's thread, once every worker has come to rest.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
        }
    }
}
