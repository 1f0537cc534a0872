using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Programs;

namespace Tessera.Quantization;

/// <summary>
/// From an annotated network to the integer program: int8 weights, int32 biases, float32 multipliers. What numbers it accepts is decided by
/// <see cref="QuantizedConvolution"/> alone.
/// </summary>
public static class Lowering
{
    /// <summary>Lowers a network; for one image, whatever the graph's batch.</summary>
    /// <param name="network">A prepared network with a scale on every activation and weight.</param>
    /// <exception cref="WorkException">As for <see cref="Require"/>.</exception>
    public static IntegerProgram Lower(Network network)
    {
        Graph graph = network.Graph;
        Dictionary<string, int> index = graph.Nodes.Select((node, i) => (node.Name, i)).ToDictionary(item => item.Name, item => item.i);
        ImmutableArray<IntegerTensor>.Builder tensors = ImmutableArray.CreateBuilder<IntegerTensor>(graph.Nodes.Length);
        ImmutableArray<IntegerInstruction>.Builder instructions = ImmutableArray.CreateBuilder<IntegerInstruction>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            TensorShape shape = node.Output.Shape;
            float scale = node.Op.Scale == ScaleRule.None ? 0 : QuantizedConvolution.ScaleOf(node.Output);
            tensors.Add(new IntegerTensor(node.Name, shape.H, shape.W, shape.C, scale));
            if (node.Op is not Input)
            {
                instructions.Add(node.Op.Accept(new NodeLowering(network, node, index)));
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

    /// <summary>Passes when the numbers of a network can be lowered. Calibration and QAT ask before they go on with a network that nobody could compile.</summary>
    /// <param name="network">A prepared network with a scale on every activation and weight.</param>
    /// <exception cref="WorkException">
    /// A scale is missing, a weight is no finite number, a multiplier is too large, or a channel's accumulator may leave the exact range; the message names node and channel.
    /// </exception>
    public static void Require(Network network)
    {
        foreach (Node node in network.Graph.Nodes)
        {
            if (node.Op is Conv2d conv)
            {
                QuantizedConvolution.Of(network, node, conv);
            }
        }
    }
}
