using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Settings of <see cref="OhemCrossEntropyLoss"/>.</summary>
public sealed record OhemCrossEntropyLossOptions : SegmentationLossOptions
{
    /// <summary>A pixel is hard where the probability of its class is at most this, in (0, 1].</summary>
    public double Threshold { get; init; } = 0.7;

    /// <summary>The share of the labelled pixels that is trained at least, in (0, 1].</summary>
    public double MinShare { get; init; } = 1.0 / 16;

    /// <summary>Reads the loss's keys.</summary>
    /// <param name="keys">The loss's map.</param>
    /// <param name="outputs">The network's outputs; null where the network is not known.</param>
    public static OhemCrossEntropyLossOptions Read(IKeyReader keys, LogitsOutputs? outputs) =>
        new() { Threshold = keys.Positive("thresh", 0.7, 1), MinShare = keys.Positive("min_share", 1.0 / 16, 1), Weights = ReadWeights(keys, outputs) };

    /// <inheritdoc/>
    public override ISegmentationLoss Create(LogitsOutputs outputs) => new OhemCrossEntropyLoss(this, outputs.Strides);
}

/// <summary>
/// Cross entropy of the hard pixels (online hard example mining), summed over the outputs: the mean of <c>−ln p</c> over the labelled pixels with <c>p ≤ thresh</c>; where these are fewer than
/// <c>min_share</c> of the labelled ones, over that share with the largest loss. Without a labelled pixel it is 0.
/// </summary>
public sealed class OhemCrossEntropyLoss : SummedLoss
{
    private static readonly KeptScalar MinusOne = new(-1L);

    private readonly KeptScalar _threshold;
    private readonly double _minShare;

    /// <summary>Creates the loss for a network's outputs.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="strides">The strides of the outputs, in order.</param>
    /// <exception cref="UsageException">The weights are not as many as the outputs, or a setting is out of its range.</exception>
    public OhemCrossEntropyLoss(OhemCrossEntropyLossOptions options, IReadOnlyList<int> strides)
        : base(options, strides)
    {
        if (!(options.Threshold > 0 && options.Threshold <= 1) || !(options.MinShare > 0 && options.MinShare <= 1))
        {
            throw new UsageException(FormattableString.Invariant($"losses.thresh is {options.Threshold} and losses.min_share is {options.MinShare}; both must be above 0 and at most 1."));
        }

        _threshold = new KeptScalar(-Math.Log(options.Threshold));
        _minShare = options.MinShare;
    }

    private protected override Tensor OfOneOutput(Tensor logits, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor isScored, Tensor index) = Scored(labels);
        Tensor losses = nn.functional.log_softmax(logits, 1).gather(1, index).squeeze(1).masked_select(isScored).Times(MinusOne);
        if (losses.numel() == 0)
        {
            return losses.sum().MoveToOuterDisposeScope();
        }

        int least = (int)Math.Ceiling(_minShare * losses.numel());
        Tensor isHard = losses.detach().IsAtLeast(_threshold);
        return (isHard.sum().item<long>() >= least ? losses.masked_select(isHard) : losses.topk(least).values).mean().MoveToOuterDisposeScope();
    }
}
