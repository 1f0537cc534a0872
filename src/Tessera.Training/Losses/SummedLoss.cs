using System.Collections.Immutable;
using Tessera.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>A loss that is the weighted sum of the same loss of every output.</summary>
public abstract class SummedLoss : ISegmentationLoss
{
    private static readonly KeptScalar Ignored = new((long)ClassTable.Ignore);
    private static readonly KeptScalar FirstClass = new(0L);

    private readonly ImmutableArray<KeptScalar> _weights;

    /// <summary>Creates the sum.</summary>
    /// <param name="options">Settings, of which the weights are used here.</param>
    /// <param name="strides">The strides of the outputs, in order.</param>
    /// <exception cref="UsageException">The weights are not as many as the outputs, or not finite in float32.</exception>
    private protected SummedLoss(SegmentationLossOptions options, IReadOnlyList<int> strides)
    {
        double[] weights = options.Weights.IsDefaultOrEmpty ? [.. strides.Select(SegmentationLossOptions.WeightOf)] : [.. options.Weights];
        if (weights.Length != strides.Count)
        {
            throw new UsageException($"losses.weight has {weights.Length} values and the network has {strides.Count} outputs, of stride {string.Join(", ", strides)}. Give one weight for each.");
        }

        if (weights.Any(weight => !float.IsFinite((float)weight)))
        {
            throw new UsageException(FormattableString.Invariant($"losses.weight is [{string.Join(", ", weights)}]; each must be a number that float32 holds."));
        }

        _weights = [.. weights.Select(weight => new KeptScalar(weight))];
    }

    /// <inheritdoc/>
    public Tensor Forward(IReadOnlyList<Tensor> logits, IReadOnlyList<Tensor> labels)
    {
        if (logits.Count != _weights.Length || labels.Count != _weights.Length)
        {
            throw new ArgumentException($"The loss has {_weights.Length} outputs; received {logits.Count} logits and {labels.Count} label maps.");
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor total = OfOneOutput(logits[0], labels[0]).Times(_weights[0]);
        for (int i = 1; i < _weights.Length; i++)
        {
            total = total.Plus(OfOneOutput(logits[i], labels[i]).Times(_weights[i]));
        }

        return total.MoveToOuterDisposeScope();
    }

    /// <summary>Which pixels are labelled, N×h×w bool, and the class of each, N×1×h×w, 0 where none is: gathering a pixel's own class then finds one.</summary>
    /// <param name="labels">N×h×w int64; 255 and -1 are ignored.</param>
    private protected static (Tensor IsScored, Tensor Index) Scored(Tensor labels)
    {
        Tensor isScored = labels.IsNot(Ignored).logical_and_(labels.IsAtLeast(FirstClass));
        return (isScored, labels.mul(isScored).unsqueeze_(1));
    }

    /// <summary>The loss of one output, a scalar with gradient.</summary>
    /// <param name="logits">N×classes×h×w float32.</param>
    /// <param name="labels">N×h×w int64; 255 and -1 are ignored.</param>
    private protected abstract Tensor OfOneOutput(Tensor logits, Tensor labels);
}
