using Tessera.Graphs;

namespace Tessera.Quantization.Passes;

/// <summary>
/// Folds each batch norm that follows a convolution into its weight and bias with the running statistics:
/// <c>w' = w·γ/√(σ² + ε)</c>, <c>b' = (b − μ)·γ/√(σ² + ε) + β</c> (Jacob et al., CVPR 2018, section 3.2), computed in double.
/// </summary>
public static class FoldBatchNorm
{
    /// <summary>The pass.</summary>
    public static GraphPass Pass { get; } = new("fold-batch-norm", Run);

    private static Network Run(Network network)
    {
        (Graph graph, ParameterSet parameters) = network;
        ParameterSet folded = new();
        foreach ((string name, float[] values) in parameters)
        {
            folded[name] = values;
        }

        Graph rewritten = graph.Rewrite((node, substitutions) =>
        {
            if (node.Op is not BatchNorm2d norm || graph[node.Inputs[0]] is not { Op: Conv2d conv } producer || graph.UseCount(producer.Name) != 1)
            {
                return node;
            }

            FoldInto(folded, producer.Name, conv, node.Name, norm, parameters);
            foreach (Parameter parameter in node.Parameters)
            {
                folded.Remove(parameter.Name);
            }

            substitutions[node.Name] = producer.Name;
            return null;
        });
        return new Network(rewritten, folded);
    }

    private static void FoldInto(ParameterSet folded, string convName, Conv2d conv, string normName, BatchNorm2d norm, ParameterSet parameters)
    {
        float[] weight = parameters[Conv2d.WeightName(convName)], bias = parameters[Conv2d.BiasName(convName)];
        float[] gamma = parameters[$"{normName}.weight"], beta = parameters[$"{normName}.bias"];
        float[] mean = parameters[$"{normName}.running_mean"], variance = parameters[$"{normName}.running_var"];
        var newWeight = new float[weight.Length];
        var newBias = new float[bias.Length];
        for (int channel = 0; channel < conv.OutChannels; channel++)
        {
            double factor = gamma[channel] / Math.Sqrt((double)variance[channel] + norm.Eps);
            for (int i = channel * conv.FanIn; i < (channel + 1) * conv.FanIn; i++)
            {
                newWeight[i] = (float)(weight[i] * factor);
            }

            newBias[channel] = (float)((((double)bias[channel] - mean[channel]) * factor) + beta[channel]);
        }

        folded[Conv2d.WeightName(convName)] = newWeight;
        folded[Conv2d.BiasName(convName)] = newBias;
    }
}
