using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>A quantized convolution: <c>y = rne(clamp(acc·M[c] (+ qr·R), low, high))</c> with straight-through gradients to the real weights and biases.</summary>
internal sealed class IntegerConvolution
{
    private readonly Node _node;
    private readonly Conv2d _conv;
    private readonly StepQuantizer? _inSteps;
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Tensor _weightScale;
    private readonly Tensor _biasScale;
    private readonly Tensor _multiplier;
    private readonly KeptScalar _residualMultiplier;
    private readonly long[] _stride;
    private readonly long[] _padding;
    private readonly long[] _dilation;
    private readonly KeptScalar _low;
    private readonly KeptScalar _high;
    private readonly FixedPointStep? _fixedPoint;

    /// <summary>Reads the scales of the node and of its inputs.</summary>
    /// <exception cref="ArgumentException">A scale is missing.</exception>
    public IntegerConvolution(Graph graph, Node node, Conv2d conv, IReadOnlyDictionary<string, Tensor> parameters, ICollection<Tensor> constants, StepQuantizer? inSteps)
    {
        float input = IntegerKernels.Scale(graph[node.Inputs[0]]), output = IntegerKernels.Scale(node);
        ImmutableArray<float> weight = node.WeightQuant?.Scales
            ?? throw new ArgumentException($"Node {node.Name} has no weight scales although the graph's input has a scale; annotate the whole graph.");
        (_node, _conv, _inSteps) = (node, conv, inSteps);
        _weight = parameters[Conv2d.WeightName(node.Name)];
        _bias = parameters[Conv2d.BiasName(node.Name)];
        _weightScale = Constant(tensor(weight.ToArray(), [conv.OutChannels, 1, 1, 1]));
        _biasScale = Constant(tensor(weight.Select(scale => (double)input * scale).ToArray()));
        _multiplier = Constant(tensor(weight.Select(scale => Int8Arithmetic.Multiplier(input, scale, output)).ToArray(), [1, conv.OutChannels, 1, 1]));
        _residualMultiplier = new KeptScalar(conv.Residual ? Int8Arithmetic.ResidualMultiplier(IntegerKernels.Scale(graph[node.Inputs[1]]), output) : 0f);
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        _stride = [rows.Stride, columns.Stride];
        _padding = [rows.Padding, columns.Padding];
        _dilation = [rows.Dilation, columns.Dilation];
        _low = new KeptScalar((long)Int8Arithmetic.Low(conv.Activation));
        _high = new KeptScalar((long)Int8Arithmetic.High(conv.Activation, output));
        _fixedPoint = node.Requantization.IsFixedPoint ? new FixedPointStep(graph, node, conv, constants) : null;

        Tensor Constant(Tensor value)
        {
            constants.Add(value.DetachFromDisposeScope());
            return value;
        }
    }

    /// <summary>Computes the node; the weights are quantized anew each time, because an optimizer may have changed them.</summary>
    public Tensor Run(Tensor[] inputs, RunMode mode)
    {
        StepQuantizer? inSteps = mode.IsTraining ? _inSteps : null;
        Tensor scaled = _weight.div(_weightScale);
        using Tensor weight = inSteps is null ? IntegerKernels.RoundClamped(scaled, IntegerKernels.Low, IntegerKernels.High) : inSteps.Weight(_node, scaled);
        using Tensor bias = Bias(isRounded: inSteps is not { HasRealBias: true });

        Tensor sum = nn.functional.conv2d(inputs[0], weight, bias, _stride, _padding, _dilation, _conv.Geometry.Groups);
        if (_fixedPoint is { } step)
        {
            using Tensor accumulators = sum;
            using Tensor wide = Rounded(step.Run(accumulators, inputs), halfUp: true);
            return wide.to_type(ScalarType.Float32);
        }

        // Neither the convolution's gradient nor a product's with a constant needs its result: both are written over.
        sum = sum.mul_(_multiplier);
        if (_conv.Residual)
        {
            // Product and sum are separate operations, each rounded to float32: add_ with alpha could be one fused multiply-add.
            using Tensor shortcut = inputs[1].Times(_residualMultiplier);
            sum.PlusInPlace(shortcut);
        }

        return Rounded(sum, halfUp: false);

        Tensor Rounded(Tensor z, bool halfUp) =>
            inSteps is null ? IntegerKernels.RoundClamped(z, _low, _high, halfUp) : inSteps.Activation(_node, _conv, z, (_low, _high), halfUp);
    }

    private Tensor Bias(bool isRounded)
    {
        using Tensor wide = _bias.to_type(ScalarType.Float64);
        Tensor scaled = wide.div(_biasScale);
        using Tensor bias = isRounded ? IntegerKernels.Round(scaled) : scaled;
        return bias.to_type(ScalarType.Float32);
    }
}
