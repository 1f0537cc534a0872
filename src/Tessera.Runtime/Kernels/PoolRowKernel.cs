namespace Tessera.Runtime.Kernels;

/// <summary>One pooling; gives one output row at a time. Immutable: threads share it.</summary>
internal abstract unsafe class PoolRowKernel
{
    /// <summary>What it is called in tables.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of working memory that <see cref="Run"/> needs.</summary>
    public abstract int ScratchBytes { get; }

    /// <summary>Computes one row.</summary>
    /// <param name="inputs">The rows of the window that lie in the image, W×C int8 each.</param>
    /// <param name="count">How many.</param>
    /// <param name="output">The row to write.</param>
    /// <param name="scratch">Working memory of one thread.</param>
    public abstract void Run(byte** inputs, int count, byte* output, byte* scratch);
}
