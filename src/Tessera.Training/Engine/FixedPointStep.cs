using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// The requantization of an integer-only device (<see cref="FixedPoint"/>) on tensors: <c>acc·M[c] + qr·R[c]</c> in float64, which holds every step exactly.
/// </summary>
internal sealed class FixedPointStep
{
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

    /// <summary>Accumulators in steps of the output, N×C×H×W float64; they are to be clamped and rounded half up.</summary>
    /// <param name="accumulators">N×C×H×W float32, whole numbers below 2^24.</param>
    /// <param name="inputs">What the convolution reads; the second is the residual.</param>
    public Tensor Run(Tensor accumulators, Tensor[] inputs)
    {
        using Tensor wide = accumulators.to_type(ScalarType.Float64);
        Tensor sum = wide.mul(_multiplier);
        if (_residualMultiplier is { } multiplier)
        {
            using Tensor residual = inputs[1].to_type(ScalarType.Float64);
            using Tensor shortcut = residual.mul(multiplier);
            sum.PlusInPlace(shortcut);
        }

        return sum;
    }
}
