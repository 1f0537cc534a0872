using System.Globalization;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization;

/// <summary>
/// The numbers of one convolution in the integer program. Making it is the proof that they can be lowered: weights are finite, multipliers lie within
/// their limit, and for every channel <see cref="Int8Arithmetic.AccumulatorBound"/> &lt; 2^24, so that float32 holds every accumulator exactly (<c>docs/arithmetic.md</c>).
/// </summary>
internal sealed class QuantizedConvolution
{
    private readonly string _node;

    private QuantizedConvolution(Network network, Node node, Conv2d conv)
    {
        _node = node.Name;
        QuantParams scales = node.WeightQuant ?? throw new WorkException($"Node {node.Name} has no weight scales. Calibrate the network before lowering it.");
        float input = ScaleOf(network.Graph.ValueOf(node.Inputs[0])), output = ScaleOf(node.Output);
        float[] weight = network.Parameters[Conv2d.WeightName(node.Name)], bias = network.Parameters[Conv2d.BiasName(node.Name)];
        bool isNonNegative = AccumulatorRepair.IsNonNegative(network.Graph, node.Inputs[0]);
        Weights = new sbyte[weight.Length];
        Bias = new int[conv.OutChannels];
        Multipliers = new float[conv.OutChannels];
        Requantization form = RequireScales(node, input, output);
        int fanIn = conv.FanIn;
        for (int channel = 0; channel < conv.OutChannels; channel++)
        {
            float scale = scales.Scales[channel];
            for (int i = channel * fanIn; i < (channel + 1) * fanIn; i++)
            {
                Weights[i] = Int8Arithmetic.QuantizeWeight(Finite(weight[i], "weight", channel), scale);
            }

            double channelBias = Int8Arithmetic.QuantizeBias(Finite(bias[channel], "bias", channel), input, scale);
            ProveExact(channel, Weights.AsSpan(channel * fanIn, fanIn), channelBias, isNonNegative);
            Bias[channel] = (int)channelBias;
            Multipliers[channel] = Bounded(form.Multiplier(input, scale, output), form.LargestMultiplier, $", channel {channel}", input, output, $", its weights' {Text(scale)}");
        }

        if (conv.Residual)
        {
            float residual = ScaleOf(network.Graph.ValueOf(node.Inputs[1]));
            ResidualMultiplier = Bounded(form.ResidualMultiplier(residual, output), form.LargestResidualMultiplier, ", residual", residual, output, "");
        }
    }

    /// <summary>Weights, output channels one after another.</summary>
    public sbyte[] Weights { get; }

    /// <summary>One bias per output channel, at the accumulator's scale.</summary>
    public int[] Bias { get; }

    /// <summary>One factor per output channel, from the accumulator's scale to the output's.</summary>
    public float[] Multipliers { get; }

    /// <summary>The factor from the residual's scale to the output's; 0 without a residual.</summary>
    public float ResidualMultiplier { get; }

    /// <summary>Quantizes a convolution.</summary>
    /// <exception cref="WorkException">It cannot be lowered; the message names the node and what does not fit.</exception>
    public static QuantizedConvolution Of(Network network, Node node, Conv2d conv) => new(network, node, conv);

    /// <summary>The scale of an activation.</summary>
    /// <exception cref="WorkException">It has none.</exception>
    public static float ScaleOf(Value value) =>
        value.Quant?.Scale ?? throw new WorkException($"Node {value.Name} has no scale. Calibrate the network before lowering it.");

    /// <summary>Shifts take powers of two: other scales come from a calibration for another device.</summary>
    private static Requantization RequireScales(Node node, float input, float output)
    {
        Requantization form = node.Requantization;
        return ((float[])[input, output, .. node.WeightQuant!.Scales]).FirstOrDefault(scale => !form.Takes(scale)) is var other and not 0
            ? throw new WorkException($"Node {node.Name}: a scale is {Text(other)}; the requantization {form.Name} needs powers of two. Calibrate again.")
            : form;
    }

    private float Finite(float value, string what, int channel) => float.IsFinite(value)
        ? value
        : throw new WorkException($"Node {_node}, channel {channel}: a {what} is {Text(value)}, which no int8 stands for. Training went wrong; take another checkpoint or train again.");

    private float Bounded(float multiplier, float largest, string where, float input, float output, string weights) => multiplier <= largest
        ? multiplier
        : throw new WorkException($"Node {_node}{where}: the input's scale {Text(input)}{weights} and the output's {Text(output)} do not fit each other: the factor between them is {Text(multiplier)}, above {Text(largest)}. Calibrate again.");

    private void ProveExact(int channel, ReadOnlySpan<sbyte> weights, double bias, bool isNonNegative)
    {
        if (Int8Arithmetic.AccumulatorBound(weights, bias, isNonNegative) >= Int8Arithmetic.AccumulatorLimit)
        {
            throw new WorkException(string.Create(
                CultureInfo.InvariantCulture,
                $"Node {_node}, channel {channel}: the accumulator may reach {Int8Arithmetic.AccumulatorBound(weights, 0, isNonNegative) + Math.Abs(bias):G9}, at or above 2^24 ({Int8Arithmetic.AccumulatorLimit}), where float32 is no longer exact (bias {bias:G9}). Calibrate again, or train QAT with a smaller learning rate."));
        }
    }

    private static string Text(float value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
