using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx.Proto;
using DataType = Tessera.Onnx.Proto.TensorProto.Types.DataType;

namespace Tessera.Onnx;

/// <summary>
/// The QDQ graph of one annotated network. The operation of a node makes <c>node</c> in real units; QuantizeLinear makes
/// <c>node/int8</c> of it, and DequantizeLinear <c>node/dequantized</c>, which is what readers of the node read.
/// </summary>
internal sealed class QdqOnnxGraph(Network network)
{
    private const string ZeroPoint = "/zero_point";

    private readonly OnnxModelBuilder _model = new(network.Graph.Name);

    /// <summary>Makes the model.</summary>
    public ModelProto Build(OnnxMetadata metadata)
    {
        Graph graph = network.Graph;
        foreach (Node node in graph.Nodes)
        {
            switch (node.Op)
            {
                case Input:
                    _model.Input(node.Name, DataType.Float, node.Output.Shape);
                    break;
                case Conv2d { Activation: { IsRelu: true, High: null }, Residual: false } conv:
                    AddConvRelu(node, conv);
                    break;
                default:
                    _model.AddFloat(node, node.Name, Inputs(node), node.Op is Conv2d other ? Parameters(node, other) : []);
                    break;
            }

            if (node.Op is not ArgMax)
            {
                Quantize(node, node.Name);
            }
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            Node producer = graph[output.Value];
            bool classMap = producer.Op is ArgMax;
            string tensor = classMap ? producer.Name : Dequantized(producer.Name);
            _model.OutputAs(output.Name, tensor, classMap ? DataType.Uint8 : DataType.Float, producer.Output.Shape);
        }

        return _model.Build(metadata, OnnxForm.Qdq);
    }

    private static string Dequantized(string value) => $"{value}/dequantized";

    private static ImmutableArray<string> Inputs(Node node) => [.. node.Inputs.Select(Dequantized)];

    /// <summary>
    /// Quantizes before the ReLU too, at the same scale. That changes no value, for clamping at 0 commutes with rounding and with
    /// the wider clamp; but ONNX Runtime makes an int8 kernel only of a convolution that stands between DequantizeLinear and QuantizeLinear.
    /// </summary>
    private void AddConvRelu(Node node, Conv2d conv)
    {
        string sum = $"{node.Name}/conv";
        _model.AddFloat(node with { Op = conv with { Activation = Activation.None } }, sum, Inputs(node), Parameters(node, conv));
        _model.Node("Relu", $"{node.Name}/relu", node.Name, [Quantize(node, sum)]);
    }

    /// <summary>Quantizes a tensor at the node's scale and returns the name of the dequantized one.</summary>
    private string Quantize(Node node, string tensor)
    {
        string zero = _model.Has(ZeroPoint) ? ZeroPoint : _model.Int8s(ZeroPoint, [], [0]);
        string scale = _model.SharedFloat($"{node.Name}.scale", ScaleOf(node.Output));
        string quantized = _model.Node("QuantizeLinear", $"{tensor}/quantize", $"{tensor}/int8", [tensor, scale, zero]);
        return _model.Node("DequantizeLinear", $"{tensor}/dequantize", Dequantized(tensor), [quantized, scale, zero]);
    }

    private ImmutableArray<string> Parameters(Node node, Conv2d conv)
    {
        QuantParams quant = node.WeightQuant
            ?? throw new WorkException($"Node {node.Name} has no weight scales. Calibrate the network before writing it in QDQ form.");
        float inputScale = ScaleOf(network.Graph.ValueOf(node.Inputs[0]));
        (Parameter weight, Parameter bias) = (node.Parameters[0], node.Parameters[1]);
        float[] weights = network.Parameters[weight.Name], biases = network.Parameters[bias.Name];
        var quantizedWeights = new sbyte[weights.Length];
        int fanIn = conv.FanIn;
        for (int i = 0; i < weights.Length; i++)
        {
            quantizedWeights[i] = Int8Arithmetic.QuantizeWeight(weights[i], quant.Scales[i / fanIn]);
        }

        var quantizedBiases = new int[biases.Length];
        var biasScales = new float[biases.Length];
        for (int channel = 0; channel < biases.Length; channel++)
        {
            double value = Int8Arithmetic.QuantizeBias(biases[channel], inputScale, quant.Scales[channel]);
            quantizedBiases[channel] = Math.Abs(value) < Int8Arithmetic.AccumulatorLimit
                ? (int)value
                : throw new WorkException(
                    $"Node {node.Name}, channel {channel}: the bias {biases[channel]} is {value:F0} at the accumulator's scale, at or above 2^24. "
                    + "Calibrate again, or train QAT with a smaller learning rate.");
            biasScales[channel] = (float)((double)inputScale * quant.Scales[channel]);
        }

        int[] perChannel = [conv.OutChannels];
        return
        [
            Dequantize(weight.Name, _model.Int8s($"{weight.Name}/int8", weight.Shape.AsSpan(), quantizedWeights),
                _model.Floats($"{weight.Name}.scale", perChannel, quant.Scales.AsSpan()),
                _model.Int8s($"{weight.Name}.zero_point", perChannel, new sbyte[conv.OutChannels])),
            Dequantize(bias.Name, _model.Int32s($"{bias.Name}/int32", perChannel, quantizedBiases),
                _model.Floats($"{bias.Name}.scale", perChannel, biasScales),
                _model.Int32s($"{bias.Name}.zero_point", perChannel, new int[conv.OutChannels])),
        ];
    }

    private string Dequantize(string name, string quantized, string scale, string zero) =>
        _model.Node("DequantizeLinear", $"{name}/dequantize", name, [quantized, scale, zero], OnnxAttribute.Int("axis", 0));

    private static float ScaleOf(Value value) =>
        value.Quant?.Scale ?? throw new WorkException($"Node {value.Name} has no scale. Calibrate the network before writing it in QDQ form.");
}
