using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Rescue;

/// <summary>
/// Rounds each weight up or down so that the convolution's result, not the weight, is nearest to the real one: with Δ the rounding errors of a channel's weights it minimises
/// <c>Δᵀ·E[x·xᵀ]·Δ</c> over both neighbours of each weight (AdaRound, Nagel et al., ICML 2020, equation 20). The paper relaxes this quadratic problem and trains; here single
/// weights are turned over, the most useful first, as long as that helps: no random numbers, no images kept, the same result everywhere.
/// </summary>
public static class AdaptiveRounding
{
    /// <summary>Added to the diagonal, as a share of its mean: the images of calibration are not all there are.</summary>
    private const double Damping = 0.01;

    /// <summary>Rounds the weights of every convolution.</summary>
    /// <param name="annotated">A network with its final scales.</param>
    /// <param name="session">The session that has found them, made with <see cref="CalibrationOptions.AdaptRounding"/>.</param>
    /// <returns>The same graph with weights that are whole numbers of their scale.</returns>
    public static Network Run(Network annotated, CalibrationSession session)
    {
        ParameterSet parameters = annotated.Parameters.Copy();

        Node[] convolutions = [.. annotated.Graph.Nodes.Where(node => node.Op is Conv2d)];
        float[][] rounded = new float[convolutions.Length][];
        Parallel.For(0, convolutions.Length, i => rounded[i] = Rounded(convolutions[i], annotated.Parameters, session.MomentsOf(convolutions[i].Name)));
        for (int i = 0; i < convolutions.Length; i++)
        {
            parameters[Conv2d.WeightName(convolutions[i].Name)] = rounded[i];
        }

        return annotated with { Parameters = parameters };
    }

    private static float[] Rounded(Node node, ParameterSet parameters, SecondMoments moments)
    {
        var conv = (Conv2d)node.Op;
        float[] weight = [.. parameters[Conv2d.WeightName(node.Name)]];
        int fanIn = conv.FanIn, perGroup = conv.OutChannels / conv.Geometry.Groups;
        for (int group = 0; group < conv.Geometry.Groups; group++)
        {
            double[] matrix = moments.Of(group).ToArray();
            double trace = 0;
            for (int i = 0; i < fanIn; i++)
            {
                trace += matrix[i * (fanIn + 1)];
            }

            for (int i = 0; i < fanIn; i++)
            {
                matrix[i * (fanIn + 1)] += Damping * trace / fanIn;
            }

            for (int channel = group * perGroup; channel < (group + 1) * perGroup; channel++)
            {
                Round(weight.AsSpan(channel * fanIn, fanIn), node.WeightQuant!.Scales[channel], matrix);
            }
        }

        return weight;
    }

    /// <summary>Makes the weights of one channel whole numbers of its scale.</summary>
    /// <param name="weights">The weights, written over.</param>
    /// <param name="scale">The channel's scale.</param>
    /// <param name="moments">The matrix, symmetric, row by row.</param>
    internal static void Round(Span<float> weights, float scale, ReadOnlySpan<double> moments)
    {
        int count = weights.Length;
        double[] error = new double[count], pull = new double[count]; // Δ, and E[x·xᵀ]·Δ
        int[] whole = new int[count], other = new int[count]; // the nearest whole number, and the step to the one on the far side
        for (int i = 0; i < count; i++)
        {
            whole[i] = Int8Arithmetic.QuantizeWeight(weights[i], scale);
            error[i] = whole[i] - ((double)weights[i] / scale);
            other[i] = error[i] > 0 ? -1 : 1;
            if (Math.Abs(error[i]) > 0.5 || whole[i] + other[i] is < Int8Arithmetic.Min or > Int8Arithmetic.Max)
            {
                other[i] = 0; // clipped: both neighbours lie on one side
            }
        }

        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                pull[i] += moments[(i * count) + j] * error[j];
            }
        }

        while (BestTurn(moments, pull, other) is { } turn)
        {
            whole[turn] += other[turn];
            for (int j = 0; j < count; j++)
            {
                pull[j] += other[turn] * moments[(turn * count) + j];
            }

            other[turn] = -other[turn];
        }

        for (int i = 0; i < count; i++)
        {
            weights[i] = whole[i] * scale;
        }
    }

    // Turning weight i over by d changes the error by 2·d·pull[i] + E[x·xᵀ][i, i]. Each turn lowers it by more than rounding could, so this ends.
    private static int? BestTurn(ReadOnlySpan<double> moments, double[] pull, int[] other)
    {
        int? best = null;
        double least = 0;
        for (int i = 0; i < pull.Length; i++)
        {
            double own = moments[i * (pull.Length + 1)], change = (2 * other[i] * pull[i]) + own;
            if (other[i] != 0 && change < least && change < -1e-9 * own)
            {
                (best, least) = (i, change);
            }
        }

        return best;
    }
}
