using System.Collections.Immutable;
using Tessera.Programs;
using Tessera.Runtime;

namespace Tessera.Cli.Terminal;

/// <summary>Says which layers this machine computes slowly, so that it is known before a night of training.</summary>
internal static class SlowLayers
{
    /// <summary>One line for each slow layer, or one for all where the kernel set is slow; none where nothing is.</summary>
    /// <param name="program">The program.</param>
    /// <param name="kernels">The kernel set that would execute it.</param>
    public static IReadOnlyList<string> Lines(IntegerProgram program, KernelSet kernels)
    {
        ImmutableArray<SlowLayer> slow = kernels.SlowLayers(program);
        return slow.Select(layer => layer.Why).Distinct().Count() == 1 && slow.Length > 1
            ? [$"{slow.Length} layers are slow with the kernel set {kernels.Name} ({slow[0].Kernel}): {slow[0].Why}; they are {string.Join(", ", slow.Select(layer => layer.Name))}"]
            : [.. slow.Select(layer => $"layer {layer.Name} is slow with the kernel set {kernels.Name} ({layer.Kernel}): {layer.Why}")];
    }
}
