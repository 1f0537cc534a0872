using Tessera.Graphs;

namespace Tessera.Quantization.Rescue;

/// <summary>
/// Makes the channels of an activation alike in range, so that one scale serves all of them: each channel is divided by a factor in the convolution that makes it
/// and multiplied by it in those that read it. The network's function stays the same up to float rounding (cross-layer equalization, Nagel et al., ICCV 2019; the factor
/// from activations and the readers' weights, Xiao et al., ICML 2023).
/// </summary>
public static class Equalization
{
    /// <summary>A range counts as at least this share of the largest one: a channel that is almost always 0 would get a factor without sense.</summary>
    private const float LeastShare = 1e-4f;

    /// <summary>Equalizes the weights of every convolution and its readers, for scales that all weights of a convolution share: the factors come from weights alone, as in the first paper.</summary>
    /// <param name="prepared">A prepared float network.</param>
    /// <param name="keeps">Whether a convolution's result must keep its range, because its scale is given.</param>
    /// <returns>The same graph with other parameters.</returns>
    public static Network RunForSharedScales(Network prepared, Func<Node, bool>? keeps = null) => Run(prepared, keeps, (maker, parameters, readers) =>
        Factors(OutputRanges(maker, parameters), WeightRanges(readers, parameters, maker.Output.Shape.C), isFree: false));

    /// <summary>Equalizes every activation that only convolutions read, directly or through operations that keep the scale of what they read.</summary>
    /// <param name="prepared">A prepared float network.</param>
    /// <param name="largest">The largest magnitude of each channel of a value, as seen on images.</param>
    /// <param name="keeps">Whether a convolution's result must keep its range, because its scale is given.</param>
    /// <returns>The same graph with other parameters.</returns>
    public static Network Run(Network prepared, Func<string, ReadOnlyMemory<float>> largest, Func<Node, bool>? keeps = null) => Run(prepared, keeps, (maker, parameters, readers) =>
        Factors(largest(maker.Name).Span, WeightRanges(readers, parameters, maker.Output.Shape.C), readers.TrueForAll(IsDepthwise)));

    private static Network Run(Network prepared, Func<Node, bool>? keeps, Func<Node, ParameterSet, List<Node>, float[]> factorsOf)
    {
        Graph graph = prepared.Graph;
        var parameters = new ParameterSet();
        foreach ((string name, float[] values) in prepared.Parameters)
        {
            parameters[name] = [.. values];
        }

        foreach (Node maker in graph.Nodes)
        {
            // Only what a factor passes through unchanged: nothing is added, and no upper end cuts.
            if (maker.Op is not Conv2d { Residual: false, Activation.High: null } || keeps?.Invoke(maker) == true || Readers(graph, maker.Name) is not { Count: > 0 } readers)
            {
                continue;
            }

            float[] factors = factorsOf(maker, parameters, readers);
            DivideOutputs(maker, factors, parameters);
            readers.ForEach(reader => MultiplyInputs(reader, factors, parameters));
        }

        return prepared with { Parameters = parameters };
    }

    /// <summary>The convolutions that read a value; null where anything else does.</summary>
    private static List<Node>? Readers(Graph graph, string value)
    {
        var readers = new List<Node>();
        if (graph.Outputs.Any(output => output.Value == value))
        {
            return null;
        }

        foreach (Node node in graph.Nodes.Where(node => node.Inputs.Contains(value)))
        {
            if (node.Op is Conv2d && node.Inputs.LastIndexOf(value) == 0)
            {
                readers.Add(node);
            }
            else if (node.Op.Scale == ScaleRule.OfInput && Readers(graph, node.Name) is { } behind)
            {
                readers.AddRange(behind);
            }
            else
            {
                return null;
            }
        }

        return readers;
    }

    // A depthwise reader has a weight scale for each channel: there a factor costs nothing, and all channels become alike. Other readers share
    // a scale among their input channels, so half of the disparity is left to the activation.
    private static float[] Factors(ReadOnlySpan<float> ranges, float[] weights, bool isFree)
    {
        float[] factors = new float[weights.Length];
        float most = 0;
        foreach (float range in ranges)
        {
            most = MathF.Max(most, range);
        }

        float heaviest = weights.Max();
        for (int channel = 0; channel < factors.Length; channel++)
        {
            float own = MathF.Max(ranges[channel], most * LeastShare), weight = MathF.Max(weights[channel], heaviest * LeastShare);
            float factor = isFree ? own / most : MathF.Sqrt(own / most * (heaviest / weight));
            factors[channel] = float.IsNormal(factor) ? factor : 1;
        }

        return factors;
    }

    private static bool IsDepthwise(Node node) => node.Op is Conv2d conv && conv.Geometry.Groups == conv.InChannels;

    private static float[] WeightRanges(List<Node> readers, ParameterSet parameters, int channels)
    {
        float[] ranges = new float[channels];
        foreach (Node reader in readers)
        {
            float[] weight = parameters[Conv2d.WeightName(reader.Name)];
            for (int i = 0; i < weight.Length; i++)
            {
                ref float range = ref ranges[((Conv2d)reader.Op).InputChannelOf(i)];
                range = MathF.Max(range, MathF.Abs(weight[i]));
            }
        }

        return ranges;
    }

    private static float[] OutputRanges(Node maker, ParameterSet parameters)
    {
        float[] weight = parameters[Conv2d.WeightName(maker.Name)], ranges = new float[maker.Output.Shape.C];
        for (int i = 0; i < weight.Length; i++)
        {
            ref float range = ref ranges[i / ((Conv2d)maker.Op).FanIn];
            range = MathF.Max(range, MathF.Abs(weight[i]));
        }

        return ranges;
    }

    private static void DivideOutputs(Node maker, float[] factors, ParameterSet parameters)
    {
        float[] weight = parameters[Conv2d.WeightName(maker.Name)], bias = parameters[Conv2d.BiasName(maker.Name)];
        int fanIn = ((Conv2d)maker.Op).FanIn;
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] /= factors[i / fanIn];
        }

        for (int channel = 0; channel < bias.Length; channel++)
        {
            bias[channel] /= factors[channel];
        }
    }

    private static void MultiplyInputs(Node reader, float[] factors, ParameterSet parameters)
    {
        float[] weight = parameters[Conv2d.WeightName(reader.Name)];
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] *= factors[((Conv2d)reader.Op).InputChannelOf(i)];
        }
    }
}
