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
    private const double ProbabilityFloor = 1e-9;

    private readonly FocalLossOptions _options;
    private readonly ImmutableArray<double> _weights;

    /// <summary>Creates the loss for a network's outputs.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="strides">The strides of the outputs, in order.</param>
    /// <exception cref="UsageException">A stride has no weight, or gamma is negative.</exception>
    public FocalLoss(FocalLossOptions options, IReadOnlyList<int> strides)
    {
        if (!(options.Gamma >= 0))
        {
            throw new UsageException($"losses.gamma is {options.Gamma}; it must be at least 0.");
        }

        _options = options;
        _weights = [.. strides.Select(stride => options.StrideWeights.TryGetValue(stride, out double weight)
            ? weight
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
        Tensor total = OfOneOutput(logits[0], labels[0]) * _weights[0];
        for (int i = 1; i < _weights.Length; i++)
        {
            total = total + (OfOneOutput(logits[i], labels[i]) * _weights[i]);
        }

        return total.MoveToOuterDisposeScope();
    }

    private Tensor OfOneOutput(Tensor logits, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor isScored = labels.ne(ClassTable.Ignore).logical_and_(labels.ge(0));
        Tensor index = labels.mul(isScored).unsqueeze_(1);

        // Only the pixel's own class enters the loss: gathering before the logarithm and the power spares the other classes.
        Tensor p = nn.functional.softmax(logits, 1).gather(1, index).squeeze(1) + ProbabilityFloor;
        Tensor loss = p.log() * (1 - p).pow(_options.Gamma) * isScored;
        return (loss.mean() * -_options.Alpha).MoveToOuterDisposeScope();
    }
}
