using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Execution;

/// <summary>
/// One thread's part in executing a plan: its rings, and how far each is filled. Rows are made on demand: a step asks for the rows that it
/// reads, and those that live in rings are made then and there, while they are in the cache.
/// </summary>
internal sealed unsafe class RowWorker : IDisposable
{
    private readonly ExecutionPlan _plan;
    private readonly AlignedBuffer _memory;
    private readonly nint[] _starts;
    private readonly int[] _next;
    private readonly long[] _ticks;
    private AlignedBuffer _imageScratch = new(0);

    /// <summary>Makes the thread's memory.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="shared">The memory that holds whole tensors.</param>
    public RowWorker(ExecutionPlan plan, AlignedBuffer shared)
    {
        _plan = plan;
        _memory = new AlignedBuffer(plan.WorkerBytes);
        _next = new int[plan.Storages.Length];
        _ticks = new long[plan.Steps.Length];
        _starts = [.. plan.Storages.Select(storage => (nint)((storage.IsRing ? _memory : shared).Pointer + storage.Offset + storage.Lead))];
    }

    /// <summary>Where the image comes from; set with <see cref="Read"/>.</summary>
    public ImageSource Image { get; private set; } = null!;

    /// <summary>Whether the time of each step is measured.</summary>
    public bool Measures { get; set; }

    /// <summary>Working memory for the row being made.</summary>
    public byte* Scratch => _memory.Pointer + _plan.ScratchOffset;

    /// <summary>Working memory of <see cref="Image"/>.</summary>
    public byte* ImageScratch => _imageScratch.Pointer;

    /// <summary>Time spent in each step, in ticks of <see cref="Stopwatch"/>; filled while <see cref="Measures"/> is set.</summary>
    public Span<long> Ticks => _ticks;

    /// <summary>Takes an image to work on. Memory is made only where it needs more than all images before.</summary>
    public void Read(ImageSource image)
    {
        Image = image;
        if (image.ScratchBytes > _imageScratch.Bytes)
        {
            AlignedBuffer larger = new(image.ScratchBytes); // first: when there is no memory the old buffer stays
            _imageScratch.Dispose();
            _imageScratch = larger;
        }
    }

    /// <summary>Makes the rows of a stage's result from <paramref name="from"/> to just before <paramref name="to"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunBand(ExecutionStage stage, int from, int to)
    {
        foreach (int ring in stage.Rings)
        {
            _next[ring] = 0;
        }

        for (int y = from; y < to;)
        {
            y += Make(stage.Final, y, to);
        }
    }

    /// <summary>Sees to it that rows of a storage are there: whole tensors are, rings are filled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Require(int storage, int from, int to)
    {
        RowStorage rows = _plan.Storages[storage];
        if (!rows.IsRing)
        {
            return;
        }

        // Rows are asked for in ascending order; those before the first that anybody needs are never made.
        _next[storage] = Math.Max(_next[storage], from);
        while (_next[storage] <= to)
        {
            _next[storage] += Make(rows.Producer, _next[storage], rows.Height);
        }
    }

    /// <summary>The first pixel of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int storage, int y)
    {
        RowStorage rows = _plan.Storages[storage];
        return (byte*)_starts[storage] + ((long)(rows.IsRing ? y % rows.Capacity : y) * rows.Pitch);
    }

    /// <summary>The first pixel of a row of zeros as long as those of the storage, padding included.</summary>
    public byte* ZeroRow(int storage) => _plan.Zeros.Pointer + _plan.Storages[storage].Lead;

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        _imageScratch.Dispose();
    }

    /// <summary>Makes a row, or as many as the step makes at once if they lie before <paramref name="end"/>; returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Make(int step, int y, int end)
    {
        RowStep work = _plan.Steps[step];
        int count = Math.Min(work.RowsAtOnce, end - y);
        work.Require(this, y, count);
        long start = Measures ? Stopwatch.GetTimestamp() : 0;
        work.Run(this, y, count);
        for (int i = 0; i < count; i++)
        {
            ClearPadding(work.Output, y + i);
        }

        if (Measures)
        {
            _ticks[step] += Stopwatch.GetTimestamp() - start;
        }

        return count;
    }

    // The memory of a row is used for others in turn, so the zeros beside it are written each time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ClearPadding(int storage, int y)
    {
        RowStorage rows = _plan.Storages[storage];
        if (rows.PaddingBytes > 0)
        {
            byte* row = Row(storage, y);
            Unsafe.InitBlockUnaligned(row - rows.PaddingBytes, 0, (uint)rows.PaddingBytes);
            Unsafe.InitBlockUnaligned(row + rows.RowBytes, 0, (uint)rows.PaddingBytes);
        }
    }
}
