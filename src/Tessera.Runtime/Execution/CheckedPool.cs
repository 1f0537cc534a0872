using System.Runtime.ExceptionServices;

namespace Tessera.Runtime.Execution;

/// <summary>
/// An application's pool, held to its contract: memory is addressed by pointers, so a call of the work that comes twice at once, or is still
/// going on when the pool returns, must not touch it. A breach becomes an exception, and a fault of the work reaches the caller whatever the pool does with it.
/// </summary>
internal sealed class CheckedPool : IWorkerPool
{
    private const int Open = 0, Running = 1, Closed = 2;

    private readonly IWorkerPool _pool;
    private readonly int[] _states;
    private readonly Action<int> _call;
    private Action<int>? _work;
    private ExceptionDispatchInfo? _failure;

    private CheckedPool(IWorkerPool pool)
    {
        _pool = pool;
        _states = new int[Workers = pool.Workers];
        _call = Call; // made once: a new delegate per stage would be garbage
    }

    /// <inheritdoc/>
    public int Workers { get; }

    /// <summary>Checks a pool; Tessera's own need no watching.</summary>
    /// <exception cref="ArgumentException">It has no or too many workers.</exception>
    public static IWorkerPool Of(IWorkerPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        int workers = pool.Workers;
        return workers is < 1 or > WorkerPool.MostWorkers ? throw new ArgumentOutOfRangeException(nameof(pool), workers, $"A pool has 1 to {WorkerPool.MostWorkers} workers; {pool.GetType().Name} says otherwise.")
            : pool is WorkerPool or CallersThread ? pool : new CheckedPool(pool);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The pool did not call the work once with each number, or returned before every call had.</exception>
    public void Run(Action<int> work)
    {
        (_work, _failure) = (work, null);
        Array.Fill(_states, Open);
        bool early = false;
        int missing = 0;
        try
        {
            _pool.Run(_call);
        }
        finally
        {
            // Whatever happened: behind this point nobody may be at work, and nobody may begin.
            for (int worker = 0; worker < _states.Length; worker++)
            {
                int state = Interlocked.CompareExchange(ref _states[worker], Closed, Open);
                missing += state == Open ? 1 : 0;
                early |= state == Running;
                for (var spin = default(SpinWait); Volatile.Read(ref _states[worker]) != Closed;)
                {
                    spin.SpinOnce();
                }
            }
        }

        _failure?.Throw();
        if (early || missing > 0)
        {
            throw new InvalidOperationException($"{_pool.GetType().Name}.{nameof(Run)} {(early ? "returned while calls were still going on" : $"did not call the work with {missing} of its {Workers} numbers")}; {nameof(IWorkerPool)} says what a pool must do.");
        }
    }

    private void Call(int worker)
    {
        if ((uint)worker >= (uint)_states.Length || Interlocked.CompareExchange(ref _states[worker], Running, Open) != Open)
        {
            throw new InvalidOperationException($"{_pool.GetType().Name} called the work with {worker}, which is none of its {Workers} numbers, or not for the first time, or after {nameof(Run)} returned; {nameof(IWorkerPool)} says what a pool must do.");
        }

        try
        {
            _work!(worker);
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
            throw;
        }
        finally
        {
            Volatile.Write(ref _states[worker], Closed);
        }
    }
}
