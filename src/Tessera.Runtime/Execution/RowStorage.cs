using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Execution;

/// <summary>
/// Where the rows of a tensor are while a program is executed: whole, in the memory that all threads share, or the last few of them, in a
/// ring that belongs to one thread.
/// </summary>
/// <param name="Height">Rows of the tensor.</param>
/// <param name="RowBytes">Bytes of a row without its padding.</param>
/// <param name="PaddingBytes">Zeros on each side of a row, for the convolutions that reach beyond it.</param>
/// <param name="Capacity">Rows that are kept: <paramref name="Height"/>, or fewer for a ring.</param>
/// <param name="Stage">The stage in which its rows are made.</param>
/// <param name="Producer">The step that makes them.</param>
/// <param name="IsRing">Whether it is a ring.</param>
internal sealed record RowStorage(int Height, int RowBytes, int PaddingBytes, int Capacity, int Stage, int Producer, bool IsRing)
{
    /// <summary>From the start of a row's memory to its first pixel; keeps the pixel on a cache line.</summary>
    public int Lead => AlignedBuffer.AlignUp(PaddingBytes);

    /// <summary>Bytes from one row to the next.</summary>
    public int Pitch => checked(Lead + AlignedBuffer.AlignUp(RowBytes + PaddingBytes + ConvRow.Slack));

    /// <summary>Bytes of all rows that are kept.</summary>
    public long Bytes => (long)Pitch * Capacity;

    /// <summary>From the start of the shared memory, or of a thread's own, to the first row.</summary>
    public long Offset { get; set; }
}
