using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Tests;

/// <summary>The report's numbers against their definition.</summary>
public class CalibrationReportTests
{
    private static readonly Graph One = GraphParser.Parse(
        """
        graph one
        %img = input() : 1x3x1x2
        %a = conv2d(%img) in=3 out=2 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x2x1x2
        output y = %a

        """);

    private static (NodeReport Report, Network Annotated) Run(float[] weight, float[] bias, params float[][] batches)
    {
        ParameterSet parameters = ParameterSet.Initialize(One, seed: 1);
        (parameters["a.weight"], parameters["a.bias"]) = (weight, bias);
        var session = new CalibrationSession(One, new CalibrationOptions { ActivationObserver = ObserverKind.Widest });
        foreach (float[] batch in batches)
        {
            session.Observe("a", batch);
        }

        var annotated = new Network(session.Finish(parameters).Annotate(One), parameters);
        return (Assert.Single(session.Report(annotated)), annotated);
    }

    [Fact]
    public void Magnitudes_silence_and_mean_square_are_those_of_all_batches()
    {
        // Two images of two channels of two pixels, then one.
        (NodeReport report, _) = Run(new float[6], new float[2], [1, 3, 0, 0, 2, 0, 0, 0.001f], [4, 0, 0, 0.002f]);
        Assert.Equal(4, report.LargestMagnitude);
        Assert.Equal([false, true], report.Channels.Select(channel => channel.IsSilent)); // 0.002 is far below half of 4/127.5
        Assert.Equal(1, report.SilentChannels);
        Assert.Equal(Math.Sqrt((1 + 9 + 4 + 16) / 12.0), report.RootMeanSquare, 1e-5);
        Assert.True(double.IsNaN(report.Drift)); // of two batches nothing can be said
    }

    [Fact]
    public void Drift_is_the_movement_over_the_last_half()
    {
        Assert.Equal(0, Run(new float[6], new float[2], [.. Enumerable.Repeat(new float[] { 1, 0, 0, 0 }, 9)]).Report.Drift);
        float[][] growing = [.. Enumerable.Range(1, 9).Select(i => new float[] { i, 0, 0, 0 })];
        Assert.Equal(1 - (4 / 9.0), Run(new float[6], new float[2], growing).Report.Drift, 1e-6); // the scale after four of nine batches
    }

    [Fact]
    public void Multiplier_bias_error_and_clipping_are_those_of_the_final_scales()
    {
        // Weights so large that their scale is bounded: sx·sw/sy = 1/8, and they are clipped.
        (NodeReport report, Network annotated) = Run([1000, 1, -1000, 0.5f, 0.25f, 0], [0.3f, -0.7f], [1, 2, 3, 4]);
        QuantParams scales = annotated.Graph["a"].WeightQuant!;
        float sy = annotated.Graph["a"].Output.Quant!.Scale;
        Assert.Equal(0.125, report.Channels[0].Multiplier, 1e-6);
        Assert.Equal(2 / 3.0, report.Channels[0].ClippedWeights, 1e-9);
        Assert.Equal(0, report.Channels[1].ClippedWeights);
        for (int channel = 0; channel < 2; channel++)
        {
            double step = Int8Arithmetic.ImageScale * (double)scales.Scales[channel], bias = channel == 0 ? 0.3f : -0.7f;
            Assert.Equal(Math.Abs((Math.Round(bias / step) * step) - bias) / sy, report.Channels[channel].BiasError, 1e-9);
            Assert.InRange(report.Channels[channel].BiasError, 0, report.Channels[channel].Multiplier / 2 * 1.0001);
        }
    }
}
