using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Execution;

/// <summary>One step of a plan, which makes its output a row at a time. Immutable: threads share it.</summary>
/// <param name="Name">The instruction that it belongs to.</param>
/// <param name="Kernel">What its kernel is called in tables.</param>
/// <param name="Output">Index of the storage that it fills.</param>
internal abstract unsafe record RowStep(string Name, string Kernel, int Output)
{
    /// <summary>Storages that it reads, with how many rows of each it needs at once.</summary>
    public abstract IReadOnlyList<(int Storage, int Rows)> Inputs { get; }

    /// <summary>Bytes of working memory that it needs for a row.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>Rows that it can make at once: 1 or 2.</summary>
    public virtual int RowsAtOnce => 1;

    /// <summary>Has the rows that it needs made.</summary>
    /// <param name="worker">The thread's memory.</param>
    /// <param name="y">The first output row.</param>
    /// <param name="count">Output rows, at most <see cref="RowsAtOnce"/>.</param>
    public abstract void Require(RowWorker worker, int y, int count);

    /// <summary>Makes rows whose inputs are there.</summary>
    /// <param name="worker">The thread's memory.</param>
    /// <param name="y">The first output row.</param>
    /// <param name="count">Output rows, at most <see cref="RowsAtOnce"/>.</param>
    public abstract void Run(RowWorker worker, int y, int count);
}

/// <summary>Fetches a row of the image.</summary>
internal sealed unsafe record ImageStep(string Name, int Output) : RowStep(Name, "image row", Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(int Storage, int Rows)> Inputs => [];

    /// <inheritdoc/>
    public override void Require(RowWorker worker, int y, int count)
    {
    }

    /// <inheritdoc/>
    public override void Run(RowWorker worker, int y, int count) => worker.Image.ReadRow(y, (sbyte*)worker.Row(Output, y), worker.ImageScratch);
}

/// <summary>Widens a row of int8 values to int16, for the kernels that multiply int16.</summary>
internal sealed unsafe record WidenStep(string Name, int Input, int Output, int Count) : RowStep(Name, "widening", Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(int Storage, int Rows)> Inputs => [(Input, 1)];

    /// <inheritdoc/>
    public override void Require(RowWorker worker, int y, int count) => worker.Require(Input, y, y);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RowWorker worker, int y, int count)
    {
        sbyte* source = (sbyte*)worker.Row(Input, y);
        short* target = (short*)worker.Row(Output, y);
        int i = 0;
        for (; i + Vector256<sbyte>.Count <= Count; i += Vector256<sbyte>.Count)
        {
            Vector256<sbyte> values = Vector256.Load(source + i);
            Vector256.WidenLower(values).Store(target + i);
            Vector256.WidenUpper(values).Store(target + i + Vector256<short>.Count);
        }

        for (; i < Count; i++)
        {
            target[i] = source[i];
        }
    }
}

/// <summary>A convolution.</summary>
internal sealed unsafe record ConvStep(string Name, ConvRowKernel Row, ConvInstruction Conv, int Input, int? Residual, int Output, int InputHeight, int OutputCount)
    : RowStep(Name, Row.Name, Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(int Storage, int Rows)> Inputs => Residual is { } residual ? [(Input, RowsRead(RowsAtOnce)), (residual, 1)] : [(Input, RowsRead(RowsAtOnce))];

    /// <inheritdoc/>
    public override int RowsAtOnce => Row.RowsAtOnce;

    /// <inheritdoc/>
    public override int ScratchBytes => Row.ScratchBytes;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Require(RowWorker worker, int y, int count)
    {
        int top = (y * Rows.Stride) - Rows.Padding;
        worker.Require(Input, Math.Max(top, 0), Math.Min(top + RowsRead(count), InputHeight) - 1);
        if (Residual is { } residual)
        {
            worker.Require(residual, y, y);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RowWorker worker, int y, int count)
    {
        int top = (y * Rows.Stride) - Rows.Padding, read = RowsRead(count);
        byte** rows = stackalloc byte*[read];
        for (int i = 0; i < read; i++)
        {
            rows[i] = (uint)(top + i) < (uint)InputHeight ? worker.Row(Input, top + i) : worker.ZeroRow(Input);
        }

        Row.Run(new ConvRow
        {
            Inputs = rows,
            Residual = Residual is { } residual ? worker.Row(residual, y) : null,
            Output = worker.Row(Output, y),
            NextOutput = count == 2 ? worker.Row(Output, y + 1) : null,
            Scratch = worker.Scratch,
        });
        for (int row = 0; Conv.High < Int8Arithmetic.Max && row < count; row++)
        {
            UpperClamp.Apply((sbyte*)worker.Row(Output, y + row), OutputCount, (sbyte)Conv.High);
        }
    }

    private ConvAxis Rows => Conv.Geometry.Rows;

    private int RowsRead(int outputRows) => Rows.Reach + ((outputRows - 1) * Rows.Stride);
}

/// <summary>An argmax.</summary>
internal sealed unsafe record ArgMaxStep(string Name, ArgMaxRowKernel Row, int Input, int Output) : RowStep(Name, Row.Name, Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(int Storage, int Rows)> Inputs => [(Input, 1)];

    /// <inheritdoc/>
    public override void Require(RowWorker worker, int y, int count) => worker.Require(Input, y, y);

    /// <inheritdoc/>
    public override void Run(RowWorker worker, int y, int count) => Row.Run(worker.Row(Input, y), worker.Row(Output, y));
}
