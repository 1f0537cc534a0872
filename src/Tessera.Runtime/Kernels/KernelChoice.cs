namespace Tessera.Runtime.Kernels;

/// <summary>The kernel that computes a convolution, before its weights are packed: what dispatch, benchmarks and reports of slow layers all read.</summary>
/// <param name="Name">What the kernel is called in tables.</param>
/// <param name="Lanes">The part of its lanes that compute something, 0 to 1.</param>
/// <param name="Make">Packs the weights.</param>
internal sealed record KernelChoice(string Name, double Lanes, Func<ConvRowKernel> Make)
{
    /// <summary>Why the layer is slow, and what would be fast; null where it is fast.</summary>
    public string? Slow { get; init; }
}
