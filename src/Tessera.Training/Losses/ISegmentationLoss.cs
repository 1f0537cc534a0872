using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>What training makes small: one number for the logits of all outputs.</summary>
public interface ISegmentationLoss
{
    /// <summary>Computes the loss, a scalar with gradient.</summary>
    /// <param name="logits">N×classes×h×w float32, one per output.</param>
    /// <param name="labels">N×h×w int64, one per output; 255 and -1 are ignored.</param>
    /// <returns>A scalar tensor that the caller disposes.</returns>
    /// <exception cref="ArgumentException">The counts differ from the number of outputs.</exception>
    Tensor Forward(IReadOnlyList<Tensor> logits, IReadOnlyList<Tensor> labels);
}
