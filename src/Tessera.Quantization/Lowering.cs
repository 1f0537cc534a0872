using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Runtime;

namespace Tessera.Quantization;

/// <summary>
/// From an annotated network to the integer program: int8 weights, int32 biases, float32 multipliers. Proves for every channel that
/// <c>128·Σ|qw| + |bias| &lt; 2^24</c>, so that float32 holds every accumulator exactly (<c>docs/arithmetic.md</c>).
/// </summary>
public static class Lowering
{
    /// <summary>Lowers a network; for one image, whatever the graph's batch.</summary>
    /// <param name="network">A prepared network with a scale on every activation and weight.</param>
    /// <exception cref="WorkException">A scale is missing, or a channel's accumulator may leave the exact range; the message names node and channel.</exception>
    public static IntegerProgram Lower(Network network)
    {
        Graph graph = network.Graph;
        Dictionary<string, int> index = graph.Nodes.Select((node, i) => (node.Name, i)).ToDictionary(item => item.Name, item => item.i);
        ImmutableArray<IntegerTensor>.Builder tensors = ImmutableArray.CreateBuilder<IntegerTensor>(graph.Nodes.Length);
        ImmutableArray<IntegerInstruction>.Builder instructions = ImmutableArray.CreateBuilder<IntegerInstruction>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            TensorShape shape = node.Output.Shape;
            float scale = node.Op is ArgMax ? 0 : ScaleOf(node.Output);
            tensors.Add(new IntegerTensor(node.Name, shape.H, shape.W, shape.C, scale));
            if (node.Op is not Input)
            {
                instructions.Add(node.Op switch
                {
                    Conv2d conv => LowerConv(network, node, conv, index),
                    Upsample2x => new UpsampleInstruction(node.Name, index[node.Inputs[0]], index[node.Name]),
                    ArgMax => new ArgMaxInstruction(node.Name, index[node.Inputs[0]], index[node.Name]),
                    _ => throw new WorkException($"Node {node.Name} ({node.Op.Mnemonic}) has no integer form. Prepare and calibrate the network before lowering it."),
                });
            }
        }

        try
        {
            return new IntegerProgram(graph.Name, tensors.ToImmutable(), instructions.ToImmutable(), [.. graph.Outputs.Select(output => new IntegerOutput(output.Name, index[output.Value]))]);
        }
        catch (BadFileException fault)
        {
            TensorShape image = graph.Input.Output.Shape;
            throw new WorkException($"The network cannot be lowered for images of {image.H}x{image.W}: {fault.Message} If a size is meant, choose a smaller input_size.", fault);
        }
    }

    private static ConvInstruction LowerConv(Network network, Node node, Conv2d conv, Dictionary<string, int> index)
    {
        QuantParams weightQuant = node.WeightQuant ?? throw new WorkException($"Node {node.Name} has no weight scales. Calibrate the network before lowering it.");
        float inputScale = ScaleOf(network.Graph.ValueOf(node.Inputs[0]));
        float outputScale = ScaleOf(node.Output);
        float[] weight = network.Parameters[Conv2d.WeightName(node.Name)], bias = network.Parameters[Conv2d.BiasName(node.Name)];
        var quantized = new sbyte[weight.Length];
        var quantizedBias = new int[bias.Length];
        var multipliers = new float[bias.Length];
        for (int channel = 0; channel < conv.OutChannels; channel++)
        {
            float weightScale = weightQuant.Scales[channel];
            for (int i = channel * conv.FanIn; i < (channel + 1) * conv.FanIn; i++)
            {
                quantized[i] = Int8Arithmetic.QuantizeWeight(weight[i], weightScale);
            }

            double channelBias = Int8Arithmetic.QuantizeBias(bias[channel], inputScale, weightScale);
            ProveExact(node, channel, quantized.AsSpan(channel * conv.FanIn, conv.FanIn), channelBias);
            quantizedBias[channel] = (int)channelBias;
            multipliers[channel] = Int8Arithmetic.Multiplier(inputScale, weightScale, outputScale);
        }

        return new ConvInstruction(node.Name, index[node.Inputs[0]], conv.Residual ? index[node.Inputs[1]] : null, index[node.Name])
        {
            Kernel = conv.Kernel,
            Stride = conv.Stride,
            Padding = conv.Padding,
            Groups = conv.Groups,
            Relu = conv.Relu,
            Weights = ImmutableCollectionsMarshal.AsImmutableArray(quantized),
            Bias = ImmutableCollectionsMarshal.AsImmutableArray(quantizedBias),
            Multipliers = ImmutableCollectionsMarshal.AsImmutableArray(multipliers),
            ResidualMultiplier = conv.Residual ? Int8Arithmetic.ResidualMultiplier(ScaleOf(network.Graph.ValueOf(node.Inputs[1])), outputScale) : 0,
        };
    }

    private static void ProveExact(Node node, int channel, ReadOnlySpan<sbyte> weights, double bias)
    {
        if (!double.IsFinite(bias) || Int8Arithmetic.AccumulatorBound(weights, bias) >= Int8Arithmetic.AccumulatorLimit)
        {
            throw new WorkException($"Node {node.Name}, channel {channel}: the accumulator may reach {128 * weights.ToArray().Sum(w => Math.Abs((int)w)) + Math.Abs(bias):F0}, at or above 2^24 ({Int8Arithmetic.AccumulatorLimit}), where float32 is no longer exact (bias {bias:F0}). Calibrate again, or train QAT with a smaller learning rate.");
        }
    }

    private static float ScaleOf(Value value) =>
        value.Quant?.Scale ?? throw new WorkException($"Node {value.Name} has no scale. Calibrate the network before lowering it.");
}
