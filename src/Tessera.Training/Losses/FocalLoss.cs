using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Settings of <see cref="FocalLoss"/>; the defaults are HAT's.</summary>
public sealed record FocalLossOptions : SegmentationLossOptions
{
    /// <summary>Constant factor.</summary>
    public double Alpha { get; init; } = 0.25;

    /// <summary>Exponent of (1 - p), at least 0.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>Reads the loss's keys.</summary>
    /// <param name="keys">The loss's map.</param>
    /// <param name="outputs">The network's outputs; null where the network is not known.</param>
    public static FocalLossOptions Read(IKeyReader keys, LogitsOutputs? outputs)
    {
        int problems = keys.ProblemCount;
        double alpha = keys.Number("alpha", 0.25, 0, 1000);
        if (alpha == 0 && keys.ProblemCount == problems)
        {
            keys.Report("alpha", "is 0; it must be above 0, because it multiplies the whole loss: nothing would be learned.");
        }

        return new FocalLossOptions { Alpha = alpha, Gamma = keys.Number("gamma", 2, 0, 100), Weights = ReadWeights(keys, outputs) };
    }

    /// <inheritdoc/>
    public override ISegmentationLoss Create(LogitsOutputs outputs) => new FocalLoss(this, outputs.Strides);
}

/// <summary>
/// HAT's softmax focal loss, summed over the outputs: <c>w · mean(alpha · -ln p · (1 - p)^gamma)</c> with p the softmax probability of the
/// pixel's class plus 1e-9. The mean is over all pixels; ignored ones add 0 to the sum and still count.
/// </summary>
public sealed class FocalLoss : SummedLoss
{
    private static readonly KeptScalar ProbabilityFloor = new(1e-9);
    private static readonly KeptScalar MinusOne = new(-1L);
    private static readonly KeptScalar SmallestDoubt = new(1.1754944e-38); // float32's smallest normal number

    private readonly KeptScalar _minusAlpha;
    private readonly KeptScalar _gamma;
    private readonly bool _isWholeGamma;

    /// <summary>Creates the loss for a network's outputs.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="strides">The strides of the outputs, in order.</param>
    /// <exception cref="UsageException">The weights are not as many as the outputs, or gamma is negative, or a number is not finite in float32.</exception>
    public FocalLoss(FocalLossOptions options, IReadOnlyList<int> strides)
        : base(options, strides)
    {
        if (!(options.Gamma >= 0 && float.IsFinite((float)options.Gamma)))
        {
            throw new UsageException($"losses.gamma is {options.Gamma}; it must be a number of at least 0.");
        }

        if (!float.IsFinite((float)options.Alpha))
        {
            throw new UsageException($"losses.alpha is {options.Alpha}; it must be a number that float32 holds.");
        }

        _minusAlpha = new KeptScalar(-options.Alpha);
        _gamma = new KeptScalar(options.Gamma);
        _isWholeGamma = double.IsInteger(options.Gamma);
    }

    private protected override Tensor OfOneOutput(Tensor logits, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor isScored, Tensor index) = Scored(labels);

        // Only the pixel's own class enters the loss: gathering before the logarithm and the power spares the other classes.
        Tensor p = nn.functional.softmax(logits, 1).gather(1, index).squeeze(1).Plus(ProbabilityFloor);
        Tensor loss = p.log() * Doubt(p).Power(_gamma) * isScored;
        return loss.mean().Times(_minusAlpha).MoveToOuterDisposeScope();
    }

    // 1 − p. A broken power has no value below 0, and below 1 an infinite slope at 0, where the loss's own gradient is 0: there it is held a trifle above.
    private Tensor Doubt(Tensor p)
    {
        Tensor doubt = p.Times(MinusOne).Plus(KeptScalar.One);
        return _isWholeGamma ? doubt : doubt.AtLeast(SmallestDoubt);
    }
}
