using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Settings of <see cref="DiceLoss"/>.</summary>
public sealed record DiceLossOptions : SegmentationLossOptions
{
    /// <summary>Added to both sides of the fraction, above 0, so that a class that neither occurs nor is predicted costs nothing.</summary>
    public double Smooth { get; init; } = 1;

    /// <summary>Reads the loss's keys.</summary>
    /// <param name="keys">The loss's map.</param>
    /// <param name="outputs">The network's outputs; null where the network is not known.</param>
    public static DiceLossOptions Read(IKeyReader keys, LogitsOutputs? outputs) => new() { Smooth = keys.Positive("smooth", 1, 1e6), Weights = ReadWeights(keys, outputs) };

    /// <inheritdoc/>
    public override ISegmentationLoss Create(LogitsOutputs outputs) => new DiceLoss(this, outputs.Strides);
}

/// <summary>
/// The soft Dice loss (Milletari et al., 2016), summed over the outputs: 1 minus the mean over all classes of <c>(2·Σ p·t + s) / (Σ p² + Σ t + s)</c>, the sums over the labelled pixels of the
/// batch, p the class's softmax probability and t 1 where it is the pixel's class.
/// </summary>
public sealed class DiceLoss : SummedLoss
{
    private static readonly KeptScalar Two = new(2L), MinusOne = new(-1L);
    private static readonly long[] AllButClasses = [0, 2, 3];

    private readonly KeptScalar _smooth;

    /// <summary>Creates the loss for a network's outputs.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="strides">The strides of the outputs, in order.</param>
    /// <exception cref="UsageException">The weights are not as many as the outputs, or the smoothing is not above 0.</exception>
    public DiceLoss(DiceLossOptions options, IReadOnlyList<int> strides)
        : base(options, strides)
    {
        if (!(options.Smooth > 0 && float.IsFinite((float)options.Smooth)))
        {
            throw new UsageException(FormattableString.Invariant($"losses.smooth is {options.Smooth}; it must be a number above 0."));
        }

        _smooth = new KeptScalar(options.Smooth);
    }

    private protected override Tensor OfOneOutput(Tensor logits, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor isScored, Tensor index) = Scored(labels);
        Tensor scored = isScored.unsqueeze(1), p = nn.functional.softmax(logits, 1) * scored;
        Tensor truth = nn.functional.one_hot(index.squeeze(1), logits.shape[1]).permute(0, 3, 1, 2) * scored;
        Tensor overlap = (p * truth).sum(AllButClasses).Times(Two).Plus(_smooth), total = (p * p).sum(AllButClasses).Plus(truth.sum(AllButClasses)).Plus(_smooth);
        return (overlap / total).mean().Times(MinusOne).Plus(KeptScalar.One).MoveToOuterDisposeScope();
    }
}
