using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training.Tests.Engine;

/// <summary>Evaluates a float graph with running statistics by plain loops in float64, planes C×H×W of one image; independent of libtorch.</summary>
internal static class PlainFloatEvaluator
{
    public static Dictionary<string, double[]> Evaluate(Network network, double[] image)
    {
        var values = new Dictionary<string, double[]>();
        foreach (Node node in network.Graph.Nodes)
        {
            double[] x = node.Inputs.Length == 0 ? image : values[node.Inputs[0]];
            TensorShape from = node.Inputs.Length == 0 ? node.Output.Shape : network.Graph.ValueOf(node.Inputs[0]).Shape;
            values[node.Name] = node.Op switch
            {
                Input => image,
                Conv2d conv => Convolve(node, conv, from, x, conv.Residual ? values[node.Inputs[1]] : null, network.Parameters),
                BatchNorm2d norm => Normalize(node, norm, x, network.Parameters),
                Relu => [.. x.Select(value => Math.Max(value, 0))],
                Add => [.. x.Zip(values[node.Inputs[1]], (a, b) => a + b)],
                Upsample2x => Upsample(from, x),
                _ => throw new ArgumentException($"No plain form of {node.Op.Mnemonic}."),
            };
        }

        return values;
    }

    private static double[] Convolve(Node node, Conv2d conv, TensorShape from, double[] x, double[]? residual, ParameterSet parameters)
    {
        float[] weight = parameters[Conv2d.WeightName(node.Name)], bias = parameters[Conv2d.BiasName(node.Name)];
        TensorShape to = node.Output.Shape;
        var y = new double[to.C * to.H * to.W];
        PlainLoops.Convolve(conv, from, to, (output, o, inputs) =>
        {
            double sum = bias[o];
            foreach ((int at, int tap) in inputs)
            {
                sum += x[at] * weight[tap];
            }

            sum += residual?[output] ?? 0;
            y[output] = conv.Relu ? Math.Max(sum, 0) : sum;
        });
        return y;
    }

    private static double[] Normalize(Node node, BatchNorm2d norm, double[] x, ParameterSet parameters)
    {
        float[] gamma = parameters[$"{node.Name}.weight"], beta = parameters[$"{node.Name}.bias"];
        float[] mean = parameters[$"{node.Name}.running_mean"], variance = parameters[$"{node.Name}.running_var"];
        int plane = x.Length / norm.Channels;
        return [.. x.Select((value, i) => ((value - mean[i / plane]) / Math.Sqrt(variance[i / plane] + norm.Eps) * gamma[i / plane]) + beta[i / plane])];
    }

    private static double[] Upsample(TensorShape from, double[] x)
    {
        var y = new double[4 * x.Length];
        PlainLoops.Upsample(from, (output, a, b, c, d) => y[output] = ((9 * x[a]) + (3 * x[b]) + (3 * x[c]) + x[d]) / 16);
        return y;
    }
}
