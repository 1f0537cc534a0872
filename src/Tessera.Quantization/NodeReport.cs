using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Analysis;

namespace Tessera.Quantization;

/// <summary>What calibration found for one convolution.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Scale">Scale of its output; 127.5 times this is the range.</param>
/// <param name="LargestMagnitude">The largest magnitude of its output on the calibration images.</param>
/// <param name="RootMeanSquare">The root of its output's mean square there.</param>
/// <param name="Drift">How far the scale moved over the last half of the batches, as a share of it; NaN where there were fewer than four.</param>
/// <param name="Channels">Its output channels.</param>
public sealed record NodeReport(string Node, float Scale, float LargestMagnitude, double RootMeanSquare, double Drift, ImmutableArray<ChannelReport> Channels)
{
    /// <summary>The number of channels whose every value on the calibration images rounds to 0.</summary>
    public int SilentChannels => Channels.Count(channel => channel.IsSilent);

    /// <summary>Measures a convolution with its final scales.</summary>
    /// <param name="network">The annotated network.</param>
    /// <param name="node">The convolution.</param>
    /// <param name="statistics">What was seen of its output.</param>
    /// <param name="drift">As <see cref="Drift"/>.</param>
    /// <param name="isInputSilent">Whether an input channel is always 0: what is clipped there meets zeros and costs nothing.</param>
    internal static NodeReport Of(Network network, Node node, ActivationStatistics statistics, double drift, Func<int, bool> isInputSilent)
    {
        var conv = (Conv2d)node.Op;
        float input = QuantizedConvolution.ScaleOf(network.Graph.ValueOf(node.Inputs[0])), output = QuantizedConvolution.ScaleOf(node.Output);
        float[] weights = network.Parameters[Conv2d.WeightName(node.Name)], bias = network.Parameters[Conv2d.BiasName(node.Name)];
        ImmutableArray<ChannelReport>.Builder channels = ImmutableArray.CreateBuilder<ChannelReport>(conv.OutChannels);
        float largest = 0;
        for (int channel = 0; channel < conv.OutChannels; channel++)
        {
            float scale = node.WeightQuant!.Scales[channel];
            int clipped = 0, fanIn = conv.FanIn;
            for (int i = channel * fanIn; i < (channel + 1) * fanIn; i++)
            {
                clipped += MathF.Abs(weights[i]) > 128 * scale && !isInputSilent(conv.InputChannelOf(i)) ? 1 : 0;
            }

            double held = HeldParameters.Bias(bias[channel], input, scale);
            largest = MathF.Max(largest, statistics.Largest.Span[channel]);
            channels.Add(new ChannelReport(
                scale,
                node.Requantization.Multiplier(input, scale, output),
                Math.Abs(held - bias[channel]) / output,
                (double)clipped / fanIn,
                statistics.Largest.Span[channel] < output / 2));
        }

        return new NodeReport(node.Name, output, largest, statistics.RootMeanSquare, drift, channels.MoveToImmutable());
    }
}

/// <summary>What calibration found for one output channel.</summary>
/// <param name="WeightScale">The scale of its weights.</param>
/// <param name="Multiplier">What one step of its accumulator is, in steps of the output.</param>
/// <param name="BiasError">How wrong its bias is after rounding, in steps of the output.</param>
/// <param name="ClippedWeights">The share of its weights that lie beyond the ends of int8 and meet other values than 0, 0..1.</param>
/// <param name="IsSilent">Each of its values on the calibration images rounds to 0.</param>
public sealed record ChannelReport(float WeightScale, float Multiplier, double BiasError, double ClippedWeights, bool IsSilent);
