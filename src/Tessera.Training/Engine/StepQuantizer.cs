using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// Rounds in QAT's training steps where scales move or biases are real: the values are those of <see cref="IntegerKernels"/>, and besides it takes down what observers follow and records
/// what scales learn from.
/// </summary>
/// <remarks>
/// A learned scale s of <c>x̂ = s·q</c>, <c>q = rne(clamp(z))</c>, <c>z = x/s</c> has the gradient <c>Σ ∂L/∂x̂·d</c> with <c>d = q − z</c> inside of the range and <c>d = q</c> at its ends (LSQ). Values here are q, so that
/// <c>∂L/∂q = s·∂L/∂x̂</c>; a parameter e that is always 0 and enters as <c>q + e·d</c> changes no value, and libtorch gives it <c>∂L/∂e = s·∂L/∂s</c>.
/// </remarks>
internal sealed class StepQuantizer : IDisposable
{
    private readonly QatOptions _options;
    private readonly MovableScales _movable;
    private readonly Dictionary<string, Tensor> _activations = [];
    private readonly Dictionary<string, Tensor> _weights = [];
    private readonly Dictionary<string, float> _ranges = [];

    /// <summary>Prepares for the steps of a network.</summary>
    public StepQuantizer(Graph annotated, MovableScales movable, QatOptions options)
    {
        (_options, _movable) = (options, movable);
        if (options.ActivationScales == ScaleTraining.Learned)
        {
            foreach ((string leader, _) in movable.Activations)
            {
                _activations.Add(leader, Zeros(1));
            }
        }

        if (options.WeightScales == ScaleTraining.Learned)
        {
            foreach (Node node in annotated.Nodes.Where(node => node.Op is Conv2d))
            {
                _weights.Add(node.Name, Zeros(movable.HasSharedWeightScale(node.Name) ? 1 : ((Conv2d)node.Op).OutChannels));
            }
        }
    }

    /// <summary>Whether biases are added unrounded.</summary>
    public bool HasRealBias => _options.Bias == BiasForm.Float;

    /// <summary>The largest magnitude that the last step has seen of each group, in steps of its scale, before clamping and rounding.</summary>
    public IReadOnlyDictionary<string, float> Ranges => _ranges;

    /// <summary>The parameters e of the groups that learn.</summary>
    public IReadOnlyDictionary<string, Tensor> Activations => _activations;

    /// <summary>The parameters e of the weights that learn, by convolution: [channels, 1, 1, 1], or [1, 1, 1, 1] where all share a scale.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <summary>Rounds a convolution's result.</summary>
    /// <param name="node">The convolution.</param>
    /// <param name="conv">Its operation.</param>
    /// <param name="z">The result in steps of the output; the caller's only handle.</param>
    /// <param name="ends">The lower and the upper end of the clamp.</param>
    /// <param name="halfUp">Ties go up, and not to even numbers.</param>
    public Tensor Activation(Node node, Conv2d conv, Tensor z, (KeptScalar Low, KeptScalar High) ends, bool halfUp)
    {
        (KeptScalar low, KeptScalar high) = ends;
        if (_movable.LeaderOf(node.Name) is not { } leader || _options.ActivationScales == ScaleTraining.Frozen)
        {
            return IntegerKernels.RoundClamped(z, low, high, halfUp);
        }

        // Where the activation itself ends values within int8, it does so before the quantizer, and nothing lies above the quantizer's range.
        float? end = conv.Activation.High is { } top && top / IntegerKernels.Scale(node) < Int8Arithmetic.Max ? top / IntegerKernels.Scale(node) : null;
        if (_options.ActivationScales == ScaleTraining.Observer)
        {
            Observe(leader, z, conv.Activation.IsRelu, conv.Activation.High / IntegerKernels.Scale(node));
            return IntegerKernels.RoundClamped(z, low, high, halfUp);
        }

        using Tensor unclamped = z;
        return Learning(unclamped, IntegerKernels.Round(z.Clamped(low, high), halfUp), _activations[leader], low, end is null ? high : new KeptScalar((double)end), isEndInside: end is not null);
    }

    /// <summary>Rounds what averages or interpolates values of a group; nothing can leave the range.</summary>
    /// <param name="node">The node.</param>
    /// <param name="z">Its result before rounding; the caller's only handle.</param>
    public Tensor Mean(Node node, Tensor z)
    {
        if (_movable.LeaderOf(node.Name) is not { } leader || !_activations.TryGetValue(leader, out Tensor? scale))
        {
            return IntegerKernels.Round(z);
        }

        using Tensor exact = z.detach().clone();
        return Learning(exact, IntegerKernels.Round(z), scale, IntegerKernels.Low, IntegerKernels.High, isEndInside: true);
    }

    /// <summary>Rounds a convolution's weights.</summary>
    /// <param name="node">The convolution.</param>
    /// <param name="z">Its weights divided by their scales; the caller's only handle.</param>
    public Tensor Weight(Node node, Tensor z)
    {
        if (!_weights.TryGetValue(node.Name, out Tensor? scale))
        {
            return IntegerKernels.RoundClamped(z, IntegerKernels.Low, IntegerKernels.High);
        }

        using Tensor unclamped = z;
        return Learning(unclamped, IntegerKernels.Round(z.Clamped(IntegerKernels.Low, IntegerKernels.High)), scale, IntegerKernels.Low, IntegerKernels.High, isEndInside: false);
    }

    /// <summary>Forgets the last step.</summary>
    public void Clear()
    {
        _ranges.Clear();
        foreach (Tensor scale in _activations.Values.Concat(_weights.Values))
        {
            using Tensor? gradient = scale.grad;
            gradient?.zero_();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor scale in _activations.Values.Concat(_weights.Values))
        {
            scale.Dispose();
        }
    }

    private void Observe(string leader, Tensor z, bool isRelu, float? end)
    {
        using Tensor values = z.detach();
        using Tensor magnitudes = isRelu ? values.alias() : values.abs();
        using Tensor largest = magnitudes.max();
        using Tensor single = largest.to_type(ScalarType.Float32); // of an integer-only device they are float64
        float range = MathF.Min(single.item<float>(), end ?? float.MaxValue);
        _ranges[leader] = MathF.Max(range, _ranges.GetValueOrDefault(leader));
    }

    private static Tensor Learning(Tensor z, Tensor q, Tensor scale, KeptScalar low, KeptScalar high, bool isEndInside)
    {
        using Tensor values = z.detach(), whole = q.detach();
        using Tensor clamped = values.Clamped(low, high);
        using Tensor isInside = values.eq(clamped);
        using Tensor inside = isEndInside ? clamped.alias() : clamped.mul(isInside);
        using Tensor minus = inside.neg();
        using Tensor direction = minus.PlusInPlace(whole);
        using Tensor nothing = direction.mul(scale);
        return q.PlusInPlace(nothing);
    }

    private static Tensor Zeros(int channels) => new TorchSharp.Modules.Parameter(zeros(channels, 1, 1, 1), requires_grad: true).DetachFromDisposeScope();
}
