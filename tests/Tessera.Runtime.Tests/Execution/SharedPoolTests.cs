using Tessera.Programs;
using Tessera.Runtime.Execution;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Execution;

/// <summary>One pool, several users: whatever they do, nobody waits for ever and nobody gets other bits.</summary>
public class SharedPoolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly CompiledProgram Compiled = ProgramMaker.Compiled(GraphPrograms.LargeWithBranch());

    [Fact]
    public async Task Rounds_of_several_threads_take_turns()
    {
        using var pool = new WorkerPool(3);
        int inside = 0, most = 0;
        await Together(4, _ =>
        {
            for (int round = 0; round < 200; round++)
            {
                var calls = new int[3];
                pool.Run(worker =>
                {
                    most = Math.Max(most, Interlocked.Increment(ref inside));
                    Interlocked.Increment(ref calls[worker]);
                    Interlocked.Decrement(ref inside);
                });
                Assert.Equal([1, 1, 1], calls);
            }
        });
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task Two_segmenters_on_one_pool_are_exact()
    {
        using var pool = new WorkerPool(2);
        CompiledProgram[] models = [SmallPrograms.Compiled(SmallPrograms.Small(3, 24, 16)), SmallPrograms.Compiled(SmallPrograms.Small(4, 32, 24))];
        FrameShape shape = FrameShape.Rgb(40, 48);
        await Together(4, caller =>
        {
            CompiledProgram compiled = models[caller % 2];
            using var segmenter = new Segmenter(compiled, new SegmenterOptions { Pool = pool });
            for (int i = 0; i < 20; i++)
            {
                byte[] pixels = Pictures.Random(shape, i);
                Assert.Equal(Pictures.ClassMap(compiled, shape, pixels), segmenter.Segment(Frame.OfBuffer(shape, pixels)));
            }
        });
    }

    [Fact]
    public async Task Work_may_use_the_pool_that_executes_it()
    {
        using var pool = new WorkerPool(3);
        int calls = 0;
        await Together(1, _ => pool.Run(_ => pool.Run(_ => Interlocked.Increment(ref calls))));
        Assert.Equal(9, calls);
    }

    [Fact]
    public async Task Work_cannot_dispose_the_pool_that_executes_it()
    {
        using var pool = new WorkerPool(3);
        int refused = 0;
        await Together(1, _ => pool.Run(_ =>
        {
            Assert.Throws<InvalidOperationException>(pool.Dispose);
            Interlocked.Increment(ref refused);
        }));
        Assert.Equal(3, refused);
        pool.Run(_ => { });
    }

    [Fact]
    public async Task Disposing_waits_for_the_round_and_later_rounds_fail()
    {
        var pool = new WorkerPool(2);
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        int done = 0;
        Task running = Later(() => pool.Run(_ =>
        {
            begun.Set();
            Assert.True(goOn.Wait(Patience));
            Interlocked.Increment(ref done);
        }));
        Assert.True(begun.Wait(Patience));
        Task disposing = Later(pool.Dispose);
        goOn.Set();
        await Task.WhenAll(running, disposing).WaitAsync(Patience);
        Assert.Equal(2, done);
        Assert.Throws<ObjectDisposedException>(() => pool.Run(_ => { }));
    }

    [Fact]
    public void A_pool_disposed_before_its_model_is_said_and_the_model_can_still_be_disposed()
    {
        var pool = new WorkerPool(2);
        var model = new CompiledModel(Compiled, new ExecutionOptions { Pool = pool });
        pool.Dispose();
        Assert.Contains(nameof(WorkerPool), Assert.Throws<ObjectDisposedException>(() => model.Run(SmallPrograms.Image(Compiled.Program, 1))).Message);
        model.Dispose();
    }

    [Theory]
    [InlineData(Breach.Twice, "called the work with 0")]
    [InlineData(Breach.Outside, "called the work with 2")]
    [InlineData(Breach.OneMissing, "did not call the work with 1 of its 2 numbers")]
    [InlineData(Breach.AllMissing, "did not call the work with 2 of its 2 numbers")]
    public void A_pool_that_breaks_its_contract_ends_the_frame_and_the_next_one_is_right(Breach breach, string message)
    {
        var pool = new BreachingPool();
        var check = new ProgramCheck(Compiled.Program);
        using var model = new CompiledModel(Compiled, new ExecutionOptions { Pool = pool });
        pool.Breach = breach;
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => model.Run(SmallPrograms.Image(Compiled.Program, 1))).Message);
        pool.Breach = Breach.None;
        check.Compare(model);
    }

    [Fact]
    public void A_fault_that_a_pool_keeps_to_itself_reaches_the_caller()
    {
        IWorkerPool pool = CheckedPool.Of(new SilentPool());
        Assert.Throws<InvalidDataException>(() => pool.Run(_ => throw new InvalidDataException()));
        int calls = 0;
        pool.Run(_ => calls++);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task A_pool_that_returns_too_early_is_waited_for()
    {
        var pool = new BreachingPool { Breach = Breach.Early };
        using var model = new CompiledModel(Compiled, new ExecutionOptions { Pool = pool });
        InvalidOperationException? fault = null;
        await Together(1, _ => fault = Assert.Throws<InvalidOperationException>(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                model.Run(SmallPrograms.Image(Compiled.Program, i));
            }
        }));
        Assert.Matches("returned while calls were still going on|did not call the work", fault!.Message);
        await Task.WhenAll(pool.Late.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))).WaitAsync(Patience);
        pool.Breach = Breach.None;
        new ProgramCheck(Compiled.Program).Compare(model);
    }

    [Fact]
    public async Task A_segmenter_called_from_its_own_frame_refuses()
    {
        var pool = new BreachingPool();
        using var segmenter = new Segmenter(Compiled, new SegmenterOptions { Pool = pool });
        IntegerTensor input = Compiled.Program.Input;
        byte[] pixels = new byte[input.Count];
        pool.Before = () => segmenter.Segment(Frame.Rgb(pixels, input.Width, input.Height));
        await Together(1, _ => Assert.Contains("from that frame's own work", Assert.Throws<InvalidOperationException>(() => segmenter.Segment(Frame.Rgb(pixels, input.Width, input.Height))).Message));
        pool.Before = segmenter.Dispose;
        await Together(1, _ => Assert.Contains("from that frame's own work", Assert.Throws<InvalidOperationException>(() => segmenter.Segment(Frame.Rgb(pixels, input.Width, input.Height))).Message));
        pool.Before = null;
        Assert.Equal(Pictures.ClassMap(Compiled, FrameShape.Rgb(input.Width, input.Height), pixels), segmenter.Segment(Frame.Rgb(pixels, input.Width, input.Height)));
    }

    private static Task Later(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task Together(int callers, Action<int> action) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Later(() => action(caller)))).WaitAsync(Patience);

    public enum Breach
    {
        None,
        Twice,
        Outside,
        OneMissing,
        AllMissing,
        Early,
    }

    /// <summary>Lets no fault out.</summary>
    private sealed class SilentPool : IWorkerPool
    {
        public int Workers => 2;

        public void Run(Action<int> work)
        {
            for (int worker = 0; worker < 2; worker++)
            {
                try
                {
                    work(worker);
                }
                catch (InvalidDataException)
                {
                    Assert.True(worker < 2);
                }
            }
        }
    }

    private sealed class BreachingPool : IWorkerPool
    {
        public Breach Breach { get; set; }

        public Action? Before { get; set; }

        public List<Task> Late { get; } = [];

        public int Workers => 2;

        public void Run(Action<int> work)
        {
            Before?.Invoke();
            if (Breach == Breach.AllMissing)
            {
                return;
            }

            if (Breach == Breach.Early)
            {
                Late.AddRange([Task.Run(() => work(0)), Task.Run(() => work(1))]);
                return;
            }

            work(0);
            switch (Breach)
            {
                case Breach.Twice:
                    work(0);
                    break;
                case Breach.Outside:
                    work(2);
                    break;
                case Breach.OneMissing:
                    return;
                default:
                    break;
            }

            work(1);
        }
    }
}
