using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Rescue;

/// <summary>
/// Takes from each bias what rounding and clipping its channel's weights add on average: <c>b' = b − Σ (s·q − w)·E[x]</c>, E[x] the mean of the input channel that a weight meets
/// (Nagel et al., ICCV 2019, section 4.2), times the share of positions at which it meets the image and not the padding.
/// </summary>
public static class BiasCorrection
{
    /// <summary>Corrects every convolution.</summary>
    /// <param name="annotated">A network with its final scales.</param>
    /// <param name="mean">The mean of each channel of a value, as seen on images.</param>
    /// <returns>The same graph with other biases.</returns>
    public static Network Run(Network annotated, Func<string, ReadOnlyMemory<double>> mean)
    {
        ParameterSet parameters = annotated.Parameters.Copy();

        foreach (Node node in annotated.Graph.Nodes)
        {
            if (node.Op is Conv2d conv)
            {
                parameters[Conv2d.BiasName(node.Name)] = Corrected(node, conv, annotated.Graph.ValueOf(node.Inputs[0]).Shape, parameters, mean(node.Inputs[0]));
            }
        }

        return annotated with { Parameters = parameters };
    }

    private static float[] Corrected(Node node, Conv2d conv, TensorShape input, ParameterSet parameters, ReadOnlyMemory<double> mean)
    {
        float[] weight = parameters[Conv2d.WeightName(node.Name)];
        double[] shift = new double[conv.OutChannels];
        double[] rows = InsideShares(conv.Geometry.Rows, input.H), columns = InsideShares(conv.Geometry.Columns, input.W);
        int fanIn = conv.FanIn;
        for (int i = 0; i < weight.Length; i++)
        {
            float scale = node.WeightQuant!.Scales[i / fanIn];
            double error = ((double)scale * Int8Arithmetic.QuantizeWeight(weight[i], scale)) - weight[i];
            shift[i / fanIn] += error * mean.Span[conv.InputChannelOf(i)] * rows[i / columns.Length % rows.Length] * columns[i % columns.Length];
        }

        return [.. parameters[Conv2d.BiasName(node.Name)].Select((bias, channel) => (float)(bias - shift[channel]))];
    }

    /// <summary>By tap: the share of outputs at which it lies inside.</summary>
    private static double[] InsideShares(ConvAxis axis, int size)
    {
        int outputs = axis.OutputSize(size);
        return [.. Enumerable.Range(0, axis.Kernel).Select(tap => (double)Enumerable.Range(0, outputs).Count(output => (uint)axis.SourceOf(output, tap) < (uint)size) / outputs)];
    }
}
