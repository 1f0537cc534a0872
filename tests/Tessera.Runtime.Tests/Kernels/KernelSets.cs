namespace Tessera.Runtime.Tests.Kernels;

/// <summary>The kernel sets that this process can execute, for theories.</summary>
internal static class KernelSets
{
    public static IReadOnlyList<KernelSet> Supported { get; } = [.. KernelSet.All.Where(set => set.IsSupported)];

    public static TheoryData<string> Names => [.. Supported.Select(set => set.Name)];
}
