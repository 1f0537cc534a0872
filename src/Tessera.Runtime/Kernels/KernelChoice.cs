namespace Tessera.Runtime.Kernels;

/// <summary>The kernel that computes a convolution, before its weights are packed: what dispatch, benchmarks and reports of slow layers all read.</summary>
/// <param name="Name">What the kernel is called in tables.</param>
/// <param name="Useful">Bytes of a register whose products count: of two kernels of one kind the one with more is faster.</param>
/// <param name="Make">Packs the weights.</param>
internal sealed record KernelChoice(string Name, double Useful, Func<ConvRowKernel> Make)
{
    /// <summary>Why the layer is slow, and what would be fast; null where it is fast.</summary>
    public string? Slow { get; init; }
}
