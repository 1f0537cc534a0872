using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>A quantized convolution: <c>y = rne(clamp(acc·M[c] (+ qr·R), low, high))</c> with straight-through gradients to the real weights and biases.</summary>
internal sealed class IntegerConvolution
{
    private readonly Conv2d _conv;
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
    public IntegerConvolution(Graph graph, Node node, Conv2d conv, IReadOnlyDictionary<string, Tensor> parameters, ICollection<Tensor> constants)
    {
        float input = IntegerKernels.Scale(graph[node.Inputs[0]]), output = IntegerKernels.Scale(node);
        ImmutableArray<float> weight = node.WeightQuant?.Scales
            ?? throw new ArgumentException($"Node {node.Name} has no weight scales although the graph's input has a scale; annotate the whole graph.");
        _conv = conv;
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
    public Tensor Run(Tensor[] inputs)
    {
        using Tensor weight = IntegerKernels.RoundClamped(_weight.div(_weightScale), IntegerKernels.Low, IntegerKernels.High);
        using Tensor bias = QuantizedBias();

        Tensor sum = nn.functional.conv2d(inputs[0], weight, bias, _stride, _padding, _dilation, _conv.Geometry.Groups);
        if (_fixedPoint is { } step)
        {
            using Tensor accumulators = sum;
            return step.Run(accumulators, inputs, _low, _high);
        }

        // Neither the convolution's gradient nor a product's with a constant needs its result: both are written over.
        sum = sum.mul_(_multiplier);
        if (_conv.Residual)
        {
            // Product and sum are separate operations, each rounded to float32: add_ with alpha could be one fused multiply-add.
            using Tensor shortcut = inputs[1].Times(_residualMultiplier);
            sum.PlusInPlace(shortcut);
        }

        return IntegerKernels.RoundClamped(sum, _low, _high);
    }

    private Tensor QuantizedBias()
    {
        using Tensor wide = _bias.to_type(ScalarType.Float64);
        using Tensor rounded = IntegerKernels.Round(wide.div(_biasScale));
        return rounded.to_type(ScalarType.Float32);
    }
}
