using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests;

public class SegmenterThreadingTests
{
    private const int Height = 48, Width = 32;

    private static readonly CompiledProgram Compiled = SmallPrograms.Compiled(SmallPrograms.Small(3, Height / 2, Width / 2));
    private static readonly FrameShape Rgb = FrameShape.Rgb(Width, Height);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public async Task Many_callers_at_once_each_get_their_own_result(int framesAtOnce, int threads)
    {
        FrameShape[] shapes = [Rgb, FrameShape.Nv12(45, 31, YuvRange.Full), FrameShape.Bgra(64, 96)];
        (FrameShape Shape, byte[] Pixels, byte[] Expected)[] work = [.. Enumerable.Range(0, 9).Select(i =>
        {
            FrameShape shape = shapes[i % shapes.Length];
            byte[] pixels = Pictures.Random(shape, i);
            return (shape, pixels, Pictures.ClassMap(Compiled, shape, pixels));
        })];
        using var segmenter = new Segmenter(Compiled, new SegmenterOptions { FramesAtOnce = framesAtOnce, Threads = threads });
        Assert.Equal(framesAtOnce, segmenter.FramesAtOnce);
        Task[] synchronous = [.. Enumerable.Range(0, 8).Select(caller => Task.Factory.StartNew(() =>
        {
            var map = new byte[segmenter.ClassMap.Count];
            for (int i = 0; i < 30; i++)
            {
                (FrameShape shape, byte[] pixels, byte[] expected) = work[(caller + i) % work.Length];
                segmenter.Segment(Frame.OfBuffer(shape, pixels), map);
                Assert.Equal(expected, map);
            }
        }, TaskCreationOptions.LongRunning))];
        var maps = work.Select(_ => new byte[segmenter.ClassMap.Count]).ToArray();
        Task[] later = [.. work.Select((item, i) => segmenter.SegmentAsync(item.Shape, item.Pixels, maps[i]))];
        await Task.WhenAll([.. synchronous, .. later]).WaitAsync(Patience);
        Assert.Equal(work.Select(item => item.Expected), maps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_batch_gives_what_its_frames_give_one_by_one(int framesAtOnce)
    {
        byte[][] frames = [.. Enumerable.Range(0, 10).Select(seed => Pictures.Random(Rgb, seed))];
        using var segmenter = new Segmenter(Compiled, new SegmenterOptions { FramesAtOnce = framesAtOnce });
        byte[][] maps = [.. frames.Select(_ => new byte[segmenter.ClassMap.Count])];
        segmenter.SegmentBatch(Rgb, [.. frames], [.. maps]);
        Assert.Equal(frames.Select(frame => Pictures.ClassMap(Compiled, Rgb, frame)), maps);
        segmenter.SegmentBatch(Rgb, [], []);
        Assert.ThrowsAny<OperationCanceledException>(() => segmenter.SegmentBatch(Rgb, [.. frames], [.. maps], new CancellationToken(true)));
        segmenter.Dispose();
        Assert.Throws<ObjectDisposedException>(() => segmenter.SegmentBatch(Rgb, [.. frames], [.. maps]));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_takes_no_turn()
    {
        using var pool = new GatedPool();
        using var segmenter = new Segmenter(Compiled, new SegmenterOptions { Pool = pool });
        byte[] pixels = Pictures.Random(Rgb, 1), first = new byte[segmenter.ClassMap.Count], second = new byte[segmenter.ClassMap.Count];
        Task running = segmenter.SegmentAsync(Rgb, pixels, first);
        Assert.True(pool.Entered.Wait(Patience));
        using var cancellation = new CancellationTokenSource();
        Task waiting = segmenter.SegmentAsync(Rgb, pixels, second, cancellation.Token);
        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        Assert.All(second, value => Assert.Equal(0, value));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => segmenter.SegmentAsync(Rgb, pixels, second, new CancellationToken(true)));
        pool.Open.Set();
        await running.WaitAsync(Patience);
        await segmenter.SegmentAsync(Rgb, pixels, second).WaitAsync(Patience);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Disposing_lets_the_frame_in_work_finish_and_turns_away_those_who_wait()
    {
        using var pool = new GatedPool();
        var segmenter = new Segmenter(Compiled, new SegmenterOptions { Pool = pool });
        byte[] pixels = Pictures.Random(Rgb, 1), expected = Pictures.ClassMap(Compiled, Rgb, pixels), map = new byte[segmenter.ClassMap.Count];
        Task running = segmenter.SegmentAsync(Rgb, pixels, map);
        Assert.True(pool.Entered.Wait(Patience));
        Task[] later = [.. Enumerable.Range(0, 3).Select(_ => segmenter.SegmentAsync(Rgb, pixels, new byte[map.Length]))];
        Task[] blocked = [.. Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() => segmenter.Segment(Frame.OfBuffer(Rgb, pixels)), TaskCreationOptions.LongRunning))];
        Task disposing = Task.Factory.StartNew(segmenter.Dispose, TaskCreationOptions.LongRunning);
        Assert.False(running.IsCompleted || disposing.IsCompleted);
        pool.Open.Set();
        await Task.WhenAll(running, disposing).WaitAsync(Patience);
        Assert.Equal(expected, map);
        foreach (Task task in (Task[])[.. later, .. blocked])
        {
            // One that asked before Dispose was called may have had its turn; nobody waits for ever.
            Exception? fault = await Record.ExceptionAsync(() => task.WaitAsync(Patience));
            Assert.True(fault is null or ObjectDisposedException, $"{fault}");
        }

        Assert.Throws<ObjectDisposedException>(() => segmenter.Segment(Frame.OfBuffer(Rgb, pixels)));
        Assert.Throws<ObjectDisposedException>(Ask);
        segmenter.Dispose();

        void Ask() => segmenter.SegmentAsync(Rgb, pixels, map);
    }

    [Fact]
    public void A_fault_in_the_callers_pool_reaches_the_caller_and_the_next_frame_is_whole()
    {
        using var pool = new GatedPool();
        pool.Open.Set();
        using var segmenter = new Segmenter(Compiled, new SegmenterOptions { Pool = pool });
        byte[] pixels = Pictures.Random(Rgb, 2);
        pool.Fault = new TimeoutException("the pool's own");
        Assert.Same(pool.Fault, Assert.Throws<TimeoutException>(() => segmenter.Segment(Frame.OfBuffer(Rgb, pixels))));
        pool.Fault = null;
        Assert.Equal(Pictures.ClassMap(Compiled, Rgb, pixels), segmenter.Segment(Frame.OfBuffer(Rgb, pixels)));
    }

    /// <summary>Two workers on one thread that begin when the gate is open: a frame that lasts as long as a test wants.</summary>
    private sealed class GatedPool : IWorkerPool, IDisposable
    {
        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Open { get; } = new();

        public Exception? Fault { get; set; }

        public int Workers => 2;

        public void Run(Action<int> work)
        {
            Entered.Set();
            Open.Wait(Patience);
            if (Fault is not null)
            {
                throw Fault;
            }

            work(0);
            work(1);
        }

        public void Dispose()
        {
            Entered.Dispose();
            Open.Dispose();
        }
    }
}
