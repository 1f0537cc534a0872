using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization;

/// <summary>
/// Keeps accumulators below 2^24: where a channel's sum may leave the exact range, its weight scale becomes coarser by as much as is needed. Nothing is
/// lost that shows: such a sum has some 24 bits, of which the output keeps 8.
/// </summary>
public static class AccumulatorRepair
{
    /// <summary>What a repaired bound stays below: an eighth is left to the weights, so that QAT does not need a repair after every step.</summary>
    private const long Target = Int8Arithmetic.AccumulatorLimit / 8 * 7;

    /// <summary>The most that a scale grows between two looks at a network in training; more is no drift but divergence.</summary>
    private const float LargestDrift = 2;

    /// <summary>Whether a value of a prepared graph holds no negative number, whatever the image: a fact of the nodes that make it.</summary>
    public static bool IsNonNegative(Graph graph, string value)
    {
        // Values that are only moved or averaged are as their sources; each is asked once, however often it is concatenated.
        var seen = new HashSet<string> { value };
        var open = new Stack<string>(seen);
        while (open.TryPop(out string? name))
        {
            Node node = graph[name];
            if (node.Op.Scale is ScaleRule.OfInput or ScaleRule.Shared)
            {
                foreach (string input in node.Inputs.Where(seen.Add))
                {
                    open.Push(input);
                }
            }
            else if (node.Op is not Conv2d { Activation.IsRelu: true })
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Repairs the channels of a network in QAT whose sums have come to leave the exact range.</summary>
    /// <param name="network">An annotated network.</param>
    /// <returns>
    /// The graph with coarser scales and the repaired channels. Channels that would need more than twice their scale, or whose parameters are no finite numbers,
    /// stay as they are: <see cref="Lowering.Require"/> refuses them.
    /// </returns>
    public static (Graph Graph, ImmutableArray<(string Node, int Channel)> Repaired) Run(Network network)
    {
        Graph graph = network.Graph;
        ImmutableArray<(string, int)>.Builder repaired = ImmutableArray.CreateBuilder<(string, int)>();
        var changed = new Dictionary<string, QuantParams>();
        foreach (Node node in graph.Nodes.Where(node => node is { Op: Conv2d, WeightQuant: not null }))
        {
            var conv = (Conv2d)node.Op;
            float[] weights = network.Parameters[Conv2d.WeightName(node.Name)], bias = network.Parameters[Conv2d.BiasName(node.Name)];
            float input = QuantizedConvolution.ScaleOf(graph.ValueOf(node.Inputs[0]));
            bool isNonNegative = IsNonNegative(graph, node.Inputs[0]);
            float[] scales = [.. node.WeightQuant!.Scales];
            for (int channel = 0; channel < scales.Length; channel++)
            {
                ReadOnlySpan<float> own = weights.AsSpan(channel * conv.FanIn, conv.FanIn);
                if (float.IsFinite(bias[channel]) && !own.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
                    && node.Requantization.Scale(Scale(scales[channel], own, bias[channel], input, isNonNegative)) is var scale && scale > scales[channel] && scale <= LargestDrift * scales[channel])
                {
                    scales[channel] = scale;
                    repaired.Add((node.Name, channel));
                    changed[node.Name] = new QuantParams([.. scales]);
                }
            }
        }

        return changed.Count == 0
            ? (graph, [])
            : (graph.Rewrite((node, _) => changed.TryGetValue(node.Name, out QuantParams? quant) ? node with { WeightQuant = quant } : node), repaired.ToImmutable());
    }

    /// <summary>The given weight scale where the accumulator stays exact with it, else the smallest that leaves an eighth of the range.</summary>
    /// <param name="scale">The scale to begin with.</param>
    /// <param name="weights">The channel's finite weights.</param>
    /// <param name="bias">Its finite bias.</param>
    /// <param name="inputScale">The scale of what the convolution reads.</param>
    /// <param name="isNonNegative">Whether what it reads is never negative.</param>
    internal static float Scale(float scale, ReadOnlySpan<float> weights, float bias, float inputScale, bool isNonNegative)
    {
        if (Bound(scale, weights, bias, inputScale, isNonNegative) < Int8Arithmetic.AccumulatorLimit)
        {
            return scale;
        }

        // No part of the bound grows with the scale, so bisection finds the end; float32 keeps its order as an integer.
        float enough = scale;
        while (enough < float.MaxValue / 2 && Bound(enough, weights, bias, inputScale, isNonNegative) >= Target)
        {
            enough *= 2;
        }

        int low = BitConverter.SingleToInt32Bits(scale), high = BitConverter.SingleToInt32Bits(enough);
        while (high - low > 1)
        {
            int middle = low + ((high - low) / 2);
            bool isEnough = Bound(BitConverter.Int32BitsToSingle(middle), weights, bias, inputScale, isNonNegative) < Target;
            (low, high) = isEnough ? (low, middle) : (middle, high);
        }

        return BitConverter.Int32BitsToSingle(high);
    }

    private static long Bound(float scale, ReadOnlySpan<float> weights, float bias, float inputScale, bool isNonNegative)
    {
        sbyte[] quantized = new sbyte[weights.Length];
        for (int i = 0; i < quantized.Length; i++)
        {
            quantized[i] = Int8Arithmetic.QuantizeWeight(weights[i], scale);
        }

        return Int8Arithmetic.AccumulatorBound(quantized, Int8Arithmetic.QuantizeBias(bias, inputScale, scale), isNonNegative);
    }
}
