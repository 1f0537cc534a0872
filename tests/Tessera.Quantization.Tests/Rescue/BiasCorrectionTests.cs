using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Rescue;

namespace Tessera.Quantization.Tests.Rescue;

public class BiasCorrectionTests
{
    /// <summary>A layer of positive values, read by one whose weights all round upwards by 0.45 steps.</summary>
    private static Network Shifted(string reader, int groups)
    {
        Graph graph = GraphParser.Parse(
            $"""
            graph shifted
            %img = input() : 1x3x8x8
            %a = conv2d(%img) in=3 out=8 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x8x8x8
            %b = conv2d(%a) in=8 out=8 {reader} groups={groups} : 1x8x8x8
            output y = %b

            """);
        ParameterSet parameters = ParameterSet.InitializeAsTrained(graph, seed: 5);
        float[] weight = parameters["b.weight"];
        int fanIn = weight.Length / 8;
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] = i % fanIn == 0 ? 127.5f : (i % 7) + 0.55f; // the scale is 1, so the others become i % 7 + 1
        }

        return new Network(graph, parameters);
    }

    [Theory]
    [InlineData("kernel=1 stride=1 padding=0", 1)]
    [InlineData("kernel=1 stride=1 padding=0", 2)]
    [InlineData("kernel=3 stride=1 padding=1", 8)]
    public void What_rounding_adds_on_average_is_taken_back(string reader, int groups)
    {
        Network network = Shifted(reader, groups);
        CalibrationSession session = CalibratedByHand.Session(network, images: 16);
        Network annotated = CalibratedByHand.Annotated(network, session);
        (double before, double rms) = CalibratedByHand.Error(annotated, network);

        (double after, double corrected) = CalibratedByHand.Error(BiasCorrection.Run(annotated, session.MeanOf), network);

        Assert.True(Math.Abs(after) < Math.Abs(before) / 4, $"{before} -> {after}");
        Assert.True(corrected < rms, $"{rms} -> {corrected}");
        Assert.Equal(network.Parameters["b.weight"], annotated.Parameters["b.weight"]);
    }

    [Fact]
    public void The_correction_is_the_weights_error_times_the_mean()
    {
        Network network = Shifted("kernel=1 stride=1 padding=0", 1);
        CalibrationSession session = CalibratedByHand.Session(network);
        Network annotated = CalibratedByHand.Annotated(network, session), corrected = BiasCorrection.Run(annotated, session.MeanOf);
        double[] mean = session.MeanOf("a").ToArray();
        float[] weight = network.Parameters["b.weight"];
        for (int channel = 0; channel < 8; channel++)
        {
            float scale = annotated.Graph["b"].WeightQuant!.Scales[channel];
            double shift = Enumerable.Range(0, 8).Sum(i => ((Int8Arithmetic.QuantizeWeight(weight[(channel * 8) + i], scale) * (double)scale) - weight[(channel * 8) + i]) * mean[i]);
            Assert.Equal(network.Parameters["b.bias"][channel] - shift, corrected.Parameters["b.bias"][channel], 1e-6 * Math.Abs(shift) + 1e-6);
        }
    }
}
