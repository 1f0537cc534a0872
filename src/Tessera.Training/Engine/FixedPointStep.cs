using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// The requantization of an integer-only device (<see cref="FixedPoint"/>) on tensors: <c>y = clamp(⌊acc·M[c] + qr·R[c] + ½⌋, low, high)</c> in float64, which holds every step exactly.
/// Gradients are straight-through, as those of float32 requantization.
/// </summary>
internal sealed class FixedPointStep
{
    private static readonly KeptScalar Half = new(0.5);

    private readonly Tensor _multiplier;
    private readonly Tensor? _residualMultiplier;

    /// <summary>Reads the scales of a node and of its inputs.</summary>
    /// <exception cref="ArgumentException">A scale is missing.</exception>
    public FixedPointStep(Graph graph, Node node, Conv2d conv, ICollection<Tensor> constants)
    {
        float input = IntegerKernels.Scale(graph[node.Inputs[0]]), output = IntegerKernels.Scale(node);
        ImmutableArray<float> multipliers = [.. node.WeightQuant!.Scales.Select(weight => node.Requantization.Multiplier(input, weight, output))];
        _multiplier = PerChannel(multipliers.Select(multiplier => (double)multiplier));
        if (conv.Residual)
        {
            float residual = node.Requantization.ResidualMultiplier(IntegerKernels.Scale(graph[node.Inputs[1]]), output);
            _residualMultiplier = PerChannel(multipliers.Select(multiplier => FixedPoint.OnShiftOf(residual, multiplier)));
        }

        Tensor PerChannel(IEnumerable<double> values)
        {
            Tensor constant = tensor(values.ToArray(), [1, conv.OutChannels, 1, 1]).DetachFromDisposeScope();
            constants.Add(constant);
            return constant;
        }
    }

    /// <summary>Requantizes accumulators.</summary>
    /// <param name="accumulators">N×C×H×W float32, whole numbers below 2^24.</param>
    /// <param name="inputs">What the convolution reads; the second is the residual.</param>
    /// <param name="low">The lower end.</param>
    /// <param name="high">The upper end.</param>
    public Tensor Run(Tensor accumulators, Tensor[] inputs, KeptScalar low, KeptScalar high)
    {
        using Tensor wide = accumulators.to_type(ScalarType.Float64);
        Tensor sum = wide.mul(_multiplier);
        if (_residualMultiplier is { } multiplier)
        {
            using Tensor residual = inputs[1].to_type(ScalarType.Float64);
            using Tensor shortcut = residual.mul(multiplier);
            sum.PlusInPlace(shortcut);
        }

        // The ends are whole numbers, so clamping before rounding is the same as after it; the clamp's gradient needs the values before it.
        using Tensor unclamped = sum;
        using Tensor clamped = unclamped.Clamped(low, high);
        using (Tensor values = clamped.detach())
        {
            // Written through a handle of the same storage: rounding hands the gradient on as it is.
            values.PlusInPlace(Half).floor_();
        }

        return clamped.to_type(ScalarType.Float32);
    }
}
