using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Passes;

/// <summary>
/// Folds each batch norm that alone reads a convolution, or a norm folded into one, into weight and bias with the running statistics:
/// <c>w' = w·γ/√(σ² + ε)</c>, <c>b' = (b − μ)·γ/√(σ² + ε) + β</c> (Jacob et al., CVPR 2018, section 3.2), computed in double.
/// </summary>
public static class FoldBatchNorm
{
    /// <summary>The pass.</summary>
    public static GraphPass Pass { get; } = new("fold-batch-norm", Run);

    private static Network Run(Network network)
    {
        Graph graph = network.Graph;
        ParameterSet folded = network.Parameters.Copy();

        // Where a value comes from once norms are folded: a norm behind a folded norm meets the same convolution, with the weights that the first left.
        var convolutions = new Dictionary<string, string>();
        Graph rewritten = graph.Rewrite((node, substitutions) =>
        {
            if (node.Op is not BatchNorm2d norm || Convolution(graph, graph[node.Name].Inputs[0], convolutions) is not { } producer)
            {
                return node;
            }

            FoldInto(folded, producer, (Conv2d)graph[producer].Op, node.Name, norm);
            foreach (Parameter parameter in node.Parameters)
            {
                folded.Remove(parameter.Name);
            }

            convolutions.Add(node.Name, producer);
            substitutions[node.Name] = producer;
            return null;
        });
        return new Network(rewritten, folded);
    }

    /// <summary>The convolution that a norm reads, directly or through norms that were folded already, if nothing else reads what it reads.</summary>
    private static string? Convolution(Graph graph, string value, Dictionary<string, string> folded) =>
        folded.TryGetValue(value, out string? behind)
            ? graph.UseCount(value) == 1 ? behind : null
            : FusionRule.IsBareConvolution(graph, value) ? value : null;

    private static void FoldInto(ParameterSet folded, string convName, Conv2d conv, string normName, BatchNorm2d norm)
    {
        float[] weight = folded[Conv2d.WeightName(convName)], bias = folded[Conv2d.BiasName(convName)];
        float[] gamma = folded[$"{normName}.weight"], beta = folded[$"{normName}.bias"];
        float[] mean = folded[$"{normName}.running_mean"], variance = folded[$"{normName}.running_var"];
        var newWeight = new float[weight.Length];
        var newBias = new float[bias.Length];
        int fanIn = conv.FanIn;
        for (int channel = 0; channel < conv.OutChannels; channel++)
        {
            double factor = gamma[channel] / Math.Sqrt((double)variance[channel] + norm.Eps);
            for (int i = channel * fanIn; i < (channel + 1) * fanIn; i++)
            {
                newWeight[i] = (float)(weight[i] * factor);
            }

            newBias[channel] = (float)((((double)bias[channel] - mean[channel]) * factor) + beta[channel]);
            if (!double.IsFinite(factor) || !float.IsFinite(newBias[channel]))
            {
                throw new WorkException($"Node {normName}, channel {channel}: a batch norm with mean {mean[channel]}, variance {variance[channel]}, scale {gamma[channel]} and shift {beta[channel]} cannot be folded into {convName}: the result is no finite number. The training before has diverged; train again with a smaller learning rate.");
            }
        }

        folded[Conv2d.WeightName(convName)] = newWeight;
        folded[Conv2d.BiasName(convName)] = newBias;
    }
}
