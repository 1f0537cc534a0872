using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Analysis;

/// <summary>The parameters of a network as its integer form holds them, in real units: what is left of weights and biases after rounding.</summary>
public static class HeldParameters
{
    /// <summary>Rounds the parameters of every convolution.</summary>
    /// <param name="annotated">A prepared network with a scale on every activation and weight.</param>
    /// <exception cref="WorkException">A scale is missing.</exception>
    public static ParameterSet Of(Network annotated)
    {
        var set = new ParameterSet();
        foreach (Node node in annotated.Graph.Nodes)
        {
            if (node is { Op: Conv2d conv, WeightQuant: { } scales })
            {
                float input = QuantizedConvolution.ScaleOf(annotated.Graph.ValueOf(node.Inputs[0]));
                float[] weight = annotated.Parameters[Conv2d.WeightName(node.Name)], bias = annotated.Parameters[Conv2d.BiasName(node.Name)];
                set[Conv2d.WeightName(node.Name)] = [.. weight.Select((value, i) => Int8Arithmetic.QuantizeWeight(value, scales.Scales[i / conv.FanIn]) * scales.Scales[i / conv.FanIn])];
                set[Conv2d.BiasName(node.Name)] = [.. bias.Select((value, channel) => (float)Bias(value, input, scales.Scales[channel]))];
            }
        }

        return set;
    }

    /// <summary>What int32 holds of a bias, in real units.</summary>
    internal static double Bias(float bias, float input, float weight) => Int8Arithmetic.QuantizeBias(bias, input, weight) * input * weight;
}
