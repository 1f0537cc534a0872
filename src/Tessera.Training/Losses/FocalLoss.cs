using System.Collections.Immutable;
using Tessera.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Settings of <see cref="FocalLoss"/>; the defaults are HAT's.</summary>
public sealed record FocalLossOptions
{
    /// <summary>Constant factor.</summary>
    public double Alpha { get; init; } = 0.25;

    /// <summary>Exponent of (1 - p), at least 0.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>The weight of each output by its stride.</summary>
    public ImmutableDictionary<int, double> StrideWeights { get; init; } = ImmutableDictionary.CreateRange(
        new int[] { 4, 8, 16, 32, 64 }.Select(stride => KeyValuePair.Create(stride, 1024.0 / stride / 19)));
}

/// <summary>
/// HAT's softmax focal loss, summed over the outputs: <c>w · mean(alpha · -ln p · (1 - p)^gamma)</c> with p the softmax probability of the
/// pixel's class plus 1e-9. The mean is over all pixels; ignored ones add 0 to the sum and still count.
/// </summary>
public sealed class FocalLoss
{
    private static readonly KeptScalar ProbabilityFloor = new(1e-9);
    private static readonly KeptScalar Ignored = new((long)ClassTable.Ignore);
    private static readonly KeptScalar FirstClass = new(0L);
    private static readonly KeptScalar MinusOne = new(-1L);
    private static readonly KeptScalar SmallestDoubt = new(1.1754944e-38); // float32's smallest normal number

    private readonly KeptScalar _minusAlpha;
    private readonly KeptScalar _gamma;
    private readonly bool _isWholeGamma;
    private readonly ImmutableArray<KeptScalar> _weights;

    /// <summary>Creates the loss for a network's outputs.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="strides">The strides of the outputs, in order.</param>
    /// <exception cref="UsageException">A stride has no weight, or gamma is negative, or a number is not finite in float32.</exception>
    public FocalLoss(FocalLossOptions options, IReadOnlyList<int> strides)
    {
        if (!(options.Gamma >= 0 && float.IsFinite((float)options.Gamma)))
        {
            throw new UsageException($"losses.gamma is {options.Gamma}; it must be a number of at least 0.");
        }

        if (new[] { options.Alpha }.Concat(options.StrideWeights.Values).Any(factor => !float.IsFinite((float)factor)))
        {
            throw new UsageException($"losses.alpha is {options.Alpha} and losses.weight [{string.Join(", ", options.StrideWeights.Values)}]; each must be a number that float32 holds.");
        }

        _minusAlpha = new KeptScalar(-options.Alpha);
        _gamma = new KeptScalar(options.Gamma);
        _isWholeGamma = double.IsInteger(options.Gamma);
        _weights = [.. strides.Select(stride => options.StrideWeights.TryGetValue(stride, out double weight)
            ? new KeptScalar(weight)
            : throw new UsageException($"The loss has no weight for stride {stride}; it has weights for "
                + $"{string.Join(", ", options.StrideWeights.Keys.Order())}. Give one weight per output."))];
    }

    /// <summary>Computes the loss, a scalar with gradient.</summary>
    /// <param name="logits">N×classes×h×w float32, one per stride.</param>
    /// <param name="labels">N×h×w int64, one per stride; 255 and -1 are ignored.</param>
    /// <returns>A scalar tensor that the caller disposes.</returns>
    /// <exception cref="ArgumentException">The counts differ from the number of strides.</exception>
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

    private Tensor OfOneOutput(Tensor logits, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor isScored = labels.IsNot(Ignored).logical_and_(labels.IsAtLeast(FirstClass));
        Tensor index = labels.mul(isScored).unsqueeze_(1);

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
