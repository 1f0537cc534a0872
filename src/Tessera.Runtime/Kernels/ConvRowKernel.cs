namespace Tessera.Runtime.Kernels;

/// <summary>
/// One convolution with its weights packed for one way of computing it; gives one output row at a time, clamped from below and to 127. A lower upper end is
/// the step's (<see cref="UpperClamp"/>). Immutable: threads share it.
/// </summary>
internal abstract unsafe class ConvRowKernel
{
    /// <summary>What it is called in tables: kind and instruction set.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of an input element: 1 for int8; 2 where the kernel reads rows that were widened to int16.</summary>
    public virtual int InputElementBytes => 1;

    /// <summary>Rows that one call can compute: 1 or 2. Two rows one below the other share much of the work of some kernels.</summary>
    public virtual int RowsAtOnce => 1;

    /// <summary>Bytes of working memory that <see cref="Run"/> needs.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>Computes one row, or two where <see cref="ConvRow.NextOutput"/> is given.</summary>
    /// <param name="row">Where its inputs and its output are.</param>
    public abstract void Run(in ConvRow row);
}

/// <summary>
/// Where the rows of one step of a convolution are. Behind each of them, and its right padding, lie <see cref="Slack"/> bytes that belong to it: a kernel may read them,
/// and those behind an output row it may write, so that the last register of a row need not be full.
/// </summary>
internal readonly unsafe struct ConvRow
{
    /// <summary>Bytes behind a row: the widest register.</summary>
    public const int Slack = 64;

    /// <summary>
    /// One pointer for each input row from the first tap to the last, and for a second output row as many more as the stride: pixel 0 of the row. Beyond both ends
    /// lie as many zero pixels as the padding asks for.
    /// </summary>
    public required byte** Inputs { get; init; }

    /// <summary>The row to add, W×C int8; null without a residual.</summary>
    public byte* Residual { get; init; }

    /// <summary>The row to write, W×C int8.</summary>
    public required byte* Output { get; init; }

    /// <summary>The row below it, when both are to be computed; else null.</summary>
    public byte* NextOutput { get; init; }

    /// <summary>Working memory of one thread.</summary>
    public byte* Scratch { get; init; }
}
