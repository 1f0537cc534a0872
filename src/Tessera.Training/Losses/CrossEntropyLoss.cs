using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Settings of <see cref="CrossEntropyLoss"/>.</summary>
public sealed record CrossEntropyLossOptions : SegmentationLossOptions
{
    /// <summary>How much the pixels of each class count, at least 0; empty for all alike.</summary>
    public ImmutableArray<double> ClassWeights { get; init; } = [];

    /// <summary>The share ε of the target that is spread over all classes, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Reads the loss's keys.</summary>
    /// <param name="keys">The loss's map.</param>
    /// <param name="outputs">The network's outputs; null where the network is not known.</param>
    public static CrossEntropyLossOptions Read(IKeyReader keys, LogitsOutputs? outputs)
    {
        int problems = keys.ProblemCount;
        ImmutableArray<double> classes = keys.Numbers("class_weight", [], null, 0, 1e6);
        if (outputs is not null && keys.ProblemCount == problems && classes.Length > 0 && (classes.Length != outputs.Classes || classes.All(weight => weight == 0)))
        {
            keys.Report("class_weight", $"has {classes.Length} values for {outputs.Classes} classes; give one for each, not all 0, or none.");
        }

        return new CrossEntropyLossOptions { ClassWeights = classes, LabelSmoothing = keys.Number("label_smoothing", 0, 0, 0.999), Weights = ReadWeights(keys, outputs) };
    }

    /// <inheritdoc/>
    public override ISegmentationLoss Create(LogitsOutputs outputs) => new CrossEntropyLoss(this, outputs);
}

/// <summary>
/// PyTorch's cross entropy, summed over the outputs: <c>Σ [(1 − ε)·v(y)·(−ln p(y)) + ε/C·Σ v(c)·(−ln p(c))] / Σ v(y)</c> over the labelled pixels, y the pixel's class and v the classes' weights.
/// Without a labelled pixel it is 0.
/// </summary>
public sealed class CrossEntropyLoss : SummedLoss
{
    private readonly float[] _classWeights;
    private readonly KeptScalar _ownShare;
    private readonly KeptScalar? _otherShare;
    private readonly KeptScalar _leastWeight; // a labelled pixel that counts has this weight at least, so that a smaller sum is 0

    /// <summary>Creates the loss for a network's outputs.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="outputs">The outputs.</param>
    /// <exception cref="UsageException">The weights do not fit the outputs or the classes, or the smoothing is out of its range.</exception>
    public CrossEntropyLoss(CrossEntropyLossOptions options, LogitsOutputs outputs)
        : base(options, outputs.Strides)
    {
        if (options.ClassWeights.Length is not 0 && (options.ClassWeights.Length != outputs.Classes || options.ClassWeights.Any(weight => !(weight >= 0 && float.IsFinite((float)weight)))))
        {
            throw new UsageException(FormattableString.Invariant($"losses.class_weight is [{string.Join(", ", options.ClassWeights)}]; it must be a number of at least 0 for each of the {outputs.Classes} classes."));
        }

        if (!(options.LabelSmoothing >= 0 && options.LabelSmoothing < 1))
        {
            throw new UsageException(FormattableString.Invariant($"losses.label_smoothing is {options.LabelSmoothing}; it must lie in [0, 1)."));
        }

        _classWeights = options.ClassWeights.IsEmpty ? [.. Enumerable.Repeat(1f, outputs.Classes)] : [.. options.ClassWeights.Select(weight => (float)weight)];
        _leastWeight = new KeptScalar(_classWeights.Where(weight => weight > 0).DefaultIfEmpty(1).Min());
        _ownShare = new KeptScalar(options.LabelSmoothing - 1);
        _otherShare = options.LabelSmoothing == 0 ? null : new KeptScalar(-options.LabelSmoothing / outputs.Classes);
    }

    private protected override Tensor OfOneOutput(Tensor logits, Tensor labels)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor isScored, Tensor index) = Scored(labels);
        Tensor weights = tensor(_classWeights);
        Tensor logP = nn.functional.log_softmax(logits, 1), pixelWeights = weights.index_select(0, index.flatten()).view(labels.shape) * isScored;
        Tensor sum = (logP.gather(1, index).squeeze(1) * pixelWeights).sum().Times(_ownShare);
        if (_otherShare is not null)
        {
            sum = sum.Plus(((logP * weights.view(1, -1, 1, 1)).sum(1) * isScored).sum().Times(_otherShare));
        }

        return (sum / pixelWeights.sum().AtLeast(_leastWeight)).MoveToOuterDisposeScope();
    }
}
