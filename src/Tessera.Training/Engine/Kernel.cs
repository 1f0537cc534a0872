using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>How one forward pass runs.</summary>
/// <param name="IsTraining">Batch norm uses the batch's statistics and updates the running ones.</param>
/// <param name="MayOverwrite">An operation may write over an input that nobody reads afterwards; false when values are shown to a tap.</param>
internal readonly record struct RunMode(bool IsTraining, bool MayOverwrite);

/// <summary>Computes one node.</summary>
/// <param name="inputs">The node's inputs; the kernel neither keeps nor disposes them.</param>
/// <param name="mode">How this pass runs.</param>
/// <returns>A new tensor, or an input that the kernel has written over.</returns>
internal delegate Tensor Kernel(Tensor[] inputs, RunMode mode);

/// <summary>How a node is computed.</summary>
/// <param name="Run">Computes it.</param>
/// <param name="IsResultNeeded">Its own gradient needs its result, or the result is not its own: nobody may write over it.</param>
internal readonly record struct NodeKernel(Kernel Run, bool IsResultNeeded);
