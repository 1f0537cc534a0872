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

    /// <summary>Where the image comes from.</summary>
    public ImageSource Image { get; set; } = null!;

    /// <summary>Whether the time of each step is measured.</summary>
    public bool Measures { get; set; }

    /// <summary>Working memory for the row being made.</summary>
    public byte* Scratch => _memory.Pointer + _plan.ScratchOffset;

    /// <summary>Time spent in each step, in ticks of <see cref="Stopwatch"/>; filled while <see cref="Measures"/> is set.</summary>
    public Span<long> Ticks => _ticks;

    /// <summary>Makes the rows of a stage's result from <paramref name="from"/> to just before <paramref name="to"/>.</summary>
    public void RunBand(ExecutionStage stage, int from, int to)
    {
        foreach (int ring in stage.Rings)
        {
            _next[ring] = 0;
        }

        for (int y = from; y < to; y++)
        {
            Make(stage.Final, y);
        }
    }

    /// <summary>Sees to it that rows of a storage are there: whole tensors are, rings are filled.</summary>
    public void Require(int storage, int from, int to)
    {
        RowStorage rows = _plan.Storages[storage];
        if (!rows.IsRing)
        {
            return;
        }

        // Rows are asked for in ascending order; those before the first that anybody needs are never made.
        for (_next[storage] = Math.Max(_next[storage], from); _next[storage] <= to; _next[storage]++)
        {
            Make(rows.Producer, _next[storage]);
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
    public void Dispose() => _memory.Dispose();

    private void Make(int step, int y)
    {
        RowStep work = _plan.Steps[step];
        work.Require(this, y);
        long start = Measures ? Stopwatch.GetTimestamp() : 0;
        work.Run(this, y);
        ClearPadding(work.Output, y);
        if (Measures)
        {
            _ticks[step] += Stopwatch.GetTimestamp() - start;
        }
    }

    // The memory of a row is used for others in turn, so the zeros beside it are written each time.
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
