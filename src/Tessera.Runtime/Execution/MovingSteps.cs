using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Execution;

/// <summary>An upsampling.</summary>
internal sealed unsafe record UpsampleStep(UpsampleInstruction Upsample, UpsampleRowKernel Row, int InputHeight) : RowStep(Upsample.Name, Row.Name, Upsample.Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(int Storage, int Rows)> Inputs => [(Upsample.Input, Upsample.RowsRead(Upsample.Input))];

    /// <inheritdoc/>
    public override int ScratchBytes => Row.ScratchBytes;

    /// <inheritdoc/>
    public override void Require(RowWorker worker, int y, int count)
    {
        BilinearTap row = Tap(y);
        worker.Require(Upsample.Input, Math.Min(row.Near, row.Far), Math.Max(row.Near, row.Far));
    }

    /// <inheritdoc/>
    public override void Run(RowWorker worker, int y, int count)
    {
        BilinearTap row = Tap(y);
        Row.Run(worker.Row(Upsample.Input, row.Near), worker.Row(Upsample.Input, row.Far), row, worker.Row(Output, y), worker.Scratch);
    }

    // Nearest copies one row: the neighbour, which nobody made, is not asked for.
    private BilinearTap Tap(int y) => BilinearTap.Of(y, Upsample.RowFactor, InputHeight) is var tap && Upsample.Mode == UpsampleMode.Nearest ? tap with { Far = tap.Near } : tap;
}

/// <summary>A pooling.</summary>
internal sealed unsafe record PoolStep(PoolInstruction Pool, PoolRowKernel Row, int InputHeight) : RowStep(Pool.Name, Row.Name, Pool.Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(int Storage, int Rows)> Inputs => [(Pool.Input, Pool.Rows.Kernel)];

    /// <inheritdoc/>
    public override int ScratchBytes => checked(RowsAt + (Pool.Rows.Kernel * sizeof(byte*)));

    // Where its rows are lies behind the kernel's working memory: a window may have more rows than a stack ought to hold.
    private int RowsAt => AlignedBuffer.AlignUp(Row.ScratchBytes);

    /// <inheritdoc/>
    public override void Require(RowWorker worker, int y, int count)
    {
        (int first, int rows) = Window(y);
        worker.Require(Pool.Input, first, first + rows - 1);
    }

    /// <inheritdoc/>
    public override void Run(RowWorker worker, int y, int count)
    {
        (int first, int length) = Window(y);
        byte** rows = (byte**)(worker.Scratch + RowsAt);
        for (int i = 0; i < length; i++)
        {
            rows[i] = worker.Row(Pool.Input, first + i);
        }

        Row.Run(rows, length, worker.Row(Output, y), worker.Scratch);
    }

    /// <summary>The rows of a window that lie in the image.</summary>
    private (int First, int Count) Window(int y)
    {
        int top = (y * Pool.Rows.Stride) - Pool.Rows.Padding, first = Math.Max(top, 0);
        return (first, Math.Min(top + Pool.Rows.Kernel, InputHeight) - first);
    }
}

/// <summary>A concatenation: the channels of each part are copied beside each other.</summary>
internal sealed unsafe record ConcatStep(ConcatInstruction Concat, ImmutableArray<int> Channels, int Pixels) : RowStep(Concat.Name, "concatenation", Concat.Output)
{
    private readonly int _all = Channels.Sum();

    /// <inheritdoc/>
    public override IReadOnlyList<(int Storage, int Rows)> Inputs { get; } = [.. Concat.Parts.Select(part => (part, 1))];

    /// <inheritdoc/>
    public override void Require(RowWorker worker, int y, int count)
    {
        foreach (int part in Concat.Parts)
        {
            worker.Require(part, y, y);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RowWorker worker, int y, int count)
    {
        byte* target = worker.Row(Output, y);
        for (int part = 0; part < Channels.Length; part++)
        {
            byte* source = worker.Row(Concat.Parts[part], y);
            uint channels = (uint)Channels[part];
            for (int pixel = 0; pixel < Pixels; pixel++)
            {
                Unsafe.CopyBlockUnaligned(target + ((long)pixel * _all), source + ((long)pixel * channels), channels);
            }

            target += channels;
        }
    }
}
