using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Onnx;

/// <summary>Writes weights and biases of a convolution in QDQ form.</summary>
internal static class QdqParameterWriter
{
    // From this operator set on QuantizeLinear and DequantizeLinear take a scale for each channel.
    private const int PerChannelOpset = 13;

    /// <summary>Adds the constants of a convolution and gives back the names of the tensors, in real units, that it reads: weight and bias.</summary>
    /// <exception cref="WorkException">A scale is missing, or a bias does not fit.</exception>
    /// <exception cref="UsageException">The operator set has one scale for a tensor, and the node has several.</exception>
    public static ImmutableArray<string> QdqParameters(this OnnxModelBuilder model, Network network, Node node, Conv2d conv, QdqOnnxOptions options)
    {
        QuantParams quant = node.WeightQuant
            ?? throw new WorkException($"Node {node.Name} has no weight scales. Calibrate the network before writing it in QDQ form.");
        (Parameter weight, Parameter bias) = (node.Parameters[0], node.Parameters[1]);
        float[] weights = network.Parameters[weight.Name], biases = network.Parameters[bias.Name];
        bool perChannel = options.Opset >= PerChannelOpset;
        if (!perChannel && quant.Scales.Any(scale => scale != quant.Scales[0]))
        {
            throw new UsageException(
                $"Node {node.Name} has a weight scale for each output channel, which QuantizeLinear takes from operator set {PerChannelOpset} on; {options.Opset} was asked for. "
                + $"Write operator set {PerChannelOpset} or later, or calibrate and train QAT again with calibration_trainer.weight_scales: per_tensor.");
        }

        float inputScale = QdqOnnxGraph.ScaleOf(network.Graph.ValueOf(node.Inputs[0]));
        int[] channels = [conv.OutChannels], shared = perChannel ? channels : [];
        var quantizedWeights = new sbyte[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            quantizedWeights[i] = Int8Arithmetic.QuantizeWeight(weights[i], quant.Scales[i / conv.FanIn]);
        }

        float[] biasScales = [.. quant.Scales.Select(scale => (float)((double)inputScale * scale))];
        int[] quantizedBiases = [.. biases.Select((value, channel) => QuantizeBias(node, channel, value, inputScale, quant.Scales[channel]))];
        return
        [
            Dequantize(weight.Name, model.Int8s($"{weight.Name}/int8", weight.Shape.AsSpan(), quantizedWeights),
                model.Floats($"{weight.Name}.scale", shared, Shared(quant.Scales.AsSpan())),
                model.Int8s($"{weight.Name}.zero_point", shared, Shared(new sbyte[conv.OutChannels]))),
            options.FloatBias
                ? model.Floats(bias.Name, channels, [.. quantizedBiases.Zip(biasScales, (value, scale) => value * scale)])
                : Dequantize(bias.Name, model.Int32s($"{bias.Name}/int32", channels, quantizedBiases),
                    model.Floats($"{bias.Name}.scale", shared, Shared(biasScales)),
                    model.Int32s($"{bias.Name}.zero_point", shared, Shared(new int[conv.OutChannels]))),
        ];

        ReadOnlySpan<T> Shared<T>(ReadOnlySpan<T> values) => perChannel ? values : values[..1];

        string Dequantize(string name, string quantized, string scale, string zero) =>
            model.Node("DequantizeLinear", $"{name}/dequantize", name, [quantized, scale, zero], perChannel ? [OnnxAttribute.Int("axis", 0)] : []);
    }

    private static int QuantizeBias(Node node, int channel, float bias, float inputScale, float weightScale)
    {
        double value = Int8Arithmetic.QuantizeBias(bias, inputScale, weightScale);
        return Math.Abs(value) < Int8Arithmetic.AccumulatorLimit
            ? (int)value
            : throw new WorkException(
                $"Node {node.Name}, channel {channel}: the bias {bias} is {value:F0} at the accumulator's scale, at or above 2^24. "
                + "Calibrate again, or train QAT with a smaller learning rate.");
    }
}
