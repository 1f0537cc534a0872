using Tessera.Runtime.Tests.Kernels;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Execution;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Each_worker_is_called_once_per_round(int workers)
    {
        using var pool = new WorkerPool(workers);
        Assert.Equal(workers, pool.Workers);
        var calls = new int[workers];
        for (int round = 1; round <= 200; round++)
        {
            pool.Run(worker => Interlocked.Increment(ref calls[worker]));
            Assert.All(calls, count => Assert.Equal(round, count));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void A_number_of_threads_that_makes_no_sense_is_refused(int workers) => Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(workers));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    public void A_fault_reaches_the_caller_and_the_pool_works_on(int workers, int faulty)
    {
        using var pool = new WorkerPool(workers);
        for (int round = 0; round < 20; round++)
        {
            int calls = 0;
            InvalidDataException fault = Assert.Throws<InvalidDataException>(() => pool.Run(worker =>
            {
                Interlocked.Increment(ref calls);
                if (worker == faulty)
                {
                    throw new InvalidDataException($"from worker {worker}");
                }
            }));
            Assert.Equal($"from worker {faulty}", fault.Message);
            Assert.Equal(workers, calls);
            calls = 0;
            pool.Run(_ => Interlocked.Increment(ref calls));
            Assert.Equal(workers, calls);
        }
    }

    [Fact]
    public void When_all_fail_the_caller_gets_one_fault()
    {
        using var pool = new WorkerPool(4);
        Assert.Throws<InvalidDataException>(() => pool.Run(_ => throw new InvalidDataException()));
        pool.Run(_ => { });
    }

    [Fact]
    public void Disposing_ends_the_threads()
    {
        var pool = new WorkerPool(4);
        var threads = new Thread?[4];
        pool.Run(worker => threads[worker] = Thread.CurrentThread);
        Assert.Same(Thread.CurrentThread, threads[0]);
        Assert.Equal(4, threads.Distinct().Count());
        pool.Dispose();
        Assert.All(threads[1..], thread => Assert.False(thread!.IsAlive));
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(_ => { }));
    }

    [Fact]
    public void A_model_ends_its_own_threads_and_leaves_the_caller_s_pool_alone()
    {
        var check = new ProgramCheck(GraphPrograms.Random(1));
        using var pool = new WorkerPool(3);
        check.Outputs(new ExecutionOptions { Pool = pool });
        int calls = 0;
        pool.Run(_ => Interlocked.Increment(ref calls));
        Assert.Equal(3, calls);
    }

    [Fact]
    public void A_pool_of_the_caller_s_gives_the_same_bits()
    {
        ProgramCheck[] checks = [.. Enumerable.Range(100, 20).Select(seed => new ProgramCheck(GraphPrograms.Random(seed))), new(GraphPrograms.Large())];
        foreach (IWorkerPool pool in (IWorkerPool[])[new ParallelPool(4), new BackwardsPool(3), new LonePool(5), CallersThread.Pool])
        {
            Assert.All(checks, check => check.Outputs(new ExecutionOptions { Pool = pool, Kernels = KernelSet.Best }));
        }
    }

    [Fact]
    public void More_workers_than_rows_give_the_same_bits()
    {
        using var pool = new WorkerPool(40);
        var maker = new ProgramMaker(5, 3, 9);
        int last = maker.Pointwise(maker.Depthwise(maker.Conv(0, 16, 3, 2, 1, 1, relu: true)), 8);
        var check = new ProgramCheck(maker.Finish("two rows", last));
        Assert.All(KernelSets.Supported, set => check.Outputs(new ExecutionOptions { Pool = pool, Kernels = set }));
    }

    [Fact]
    public void A_pool_without_workers_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompiledModel(ProgramMaker.Compiled(GraphPrograms.Random(1)), new ExecutionOptions { Pool = new ParallelPool(0) }));

    [Fact]
    public void A_fault_in_the_middle_of_a_frame_does_not_show_in_the_next()
    {
        var check = new ProgramCheck(GraphPrograms.LargeWithBranch());
        var pool = new FailingPool();
        using var model = new CompiledModel(ProgramMaker.Compiled(check.Program), new ExecutionOptions { Pool = pool });
        for (int failing = 1; failing <= 2; failing++)
        {
            pool.FailsAt = failing;
            Assert.Throws<InvalidDataException>(() => model.Run(SmallPrograms.Image(check.Program, failing)));
            pool.FailsAt = 0;
            check.Compare(model);
        }
    }

    /// <summary>Two workers, of which the second fails in a chosen round after its work.</summary>
    private sealed class FailingPool : IWorkerPool
    {
        private int _round;

        public int Workers => 2;

        public int FailsAt
        {
            get;
            set => (field, _round) = (value, 0);
        }

        public void Run(Action<int> work)
        {
            work(0);
            if (++_round == FailsAt)
            {
                throw new InvalidDataException();
            }

            work(1);
        }
    }

    /// <summary>An application's threads, here those of the task library.</summary>
    private sealed class ParallelPool(int workers) : IWorkerPool
    {
        public int Workers => workers;

        public void Run(Action<int> work) => Parallel.For(0, workers, work);
    }

    /// <summary>One after another, the last first.</summary>
    private sealed class BackwardsPool(int workers) : IWorkerPool
    {
        public int Workers => workers;

        public void Run(Action<int> work)
        {
            for (int worker = workers - 1; worker >= 0; worker--)
            {
                work(worker);
            }
        }
    }

    /// <summary>A pool of which one worker alone ever finds anything to do, on a thread of its own.</summary>
    private sealed class LonePool(int workers) : IWorkerPool
    {
        public int Workers => workers;

        public void Run(Action<int> work)
        {
            var thread = new Thread(() => work(workers - 1));
            thread.Start();
            thread.Join();
            for (int worker = 0; worker < workers - 1; worker++)
            {
                work(worker);
            }
        }
    }
}
