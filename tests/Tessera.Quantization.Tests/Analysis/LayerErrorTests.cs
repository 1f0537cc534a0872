using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Analysis;
using Tessera.Quantization.Observers;

namespace Tessera.Quantization.Tests.Analysis;

public class LayerErrorTests
{
    private const float Scale = 0.5f;

    private static readonly float[] Weights = [1, 0.5f, -1, 0.5f, 0.25f, 0];

    [Fact]
    public void Clipping_and_rounding_are_told_apart_and_the_int8_values_written()
    {
        LayerError error = Error(relu: false);
        float[] held = [0.25f, 100, 0.6f, -80, 63.5f, 64];
        error.Take([.. held], held);

        Assert.Equal([0, 63.5f, 0.5f, -64, 63.5f, 63.5f], held); // a tie goes to even; 64 is a whole step beyond the end
        double clipped = (36.5 * 36.5) + (16 * 16) + (0.5 * 0.5), rounded = (0.25 * 0.25) + (0.1 * 0.1);
        Assert.Equal(clipped / (clipped + rounded), error.ClipShare, 1e-6);
        Assert.Equal(rounded / (clipped + rounded), error.RoundingShare, 1e-6);
        Assert.Equal((0, 0), (error.WeightShare, error.BiasShare));
        Assert.Equal(100, error.Largest);
    }

    [Fact]
    public void Behind_a_relu_the_lower_end_is_0_and_a_relu6_ends_at_its_upper_end()
    {
        float[] held = [-3, 5];
        Error(relu: true).Take([0, 5], held);
        Assert.Equal([0, 5], held);
        LayerError six = Error(relu: true, high: 6.1f);
        float[] values = [6.1f, 1];
        six.Take([.. values], values);
        Assert.Equal([6, 1], values); // 6.1 / 0.5 is 12 steps
        Assert.Equal(0, six.ClipShare); // a fifth of a step is no clipping
    }

    [Fact]
    public void The_parameters_part_is_what_the_held_ones_change_divided_between_weights_and_biases()
    {
        // The accumulator's step is 1/128 · 1/4 = 1/512: a bias of 2.5/512 is wrong by half of one.
        LayerError error = Error(relu: false, bias: [2.5f / 512, 0]);
        float[] held = [1.5f, 2, 1, 1];
        error.Take([1, 2, 1, 1], held);
        double bias = 2 * Math.Pow(0.5 / 512, 2), all = 0.25; // on two pixels
        Assert.Equal(bias / all, error.BiasShare, 1e-9);
        Assert.Equal(1 - (bias / all), error.WeightShare, 1e-9);
        Assert.Equal(0.5 / 512 / Scale, error.LargestBiasError, 1e-9);
    }

    [Fact]
    public void Shares_add_up_and_do_not_depend_on_how_values_are_divided_into_batches()
    {
        var random = new Random(3);
        float[] y = [.. Enumerable.Range(0, 5000).Select(_ => (random.NextSingle() - 0.5f) * 200)], held = [.. y.Select(x => x + random.NextSingle())];
        LayerError whole = Error(relu: false), parts = Error(relu: false);
        whole.Take(y, [.. held]);
        parts.Take(y.AsSpan(0, 1234), held.AsSpan(0, 1234));
        parts.Take(y.AsSpan(1234), held.AsSpan(1234));
        Assert.Equal(1, whole.ClipShare + whole.RoundingShare + whole.WeightShare + whole.BiasShare, 1e-9);
        Assert.Equal(whole.ClipShare, parts.ClipShare, 1e-6);
        Assert.Equal(whole.WeightShare, parts.WeightShare, 1e-6);
        Assert.Equal(whole.Total.Sqnr, parts.Total.Sqnr, 1e-6);
    }

    [Fact]
    public void A_channel_is_dead_while_all_its_values_round_to_0()
    {
        LayerError error = Error(relu: true);
        error.Take([0.1f, 0.2f, 0, 0.1f], new float[4]);
        Assert.Equal(2, error.DeadChannels);
        error.Take([0, 0.25f, 0, 0], new float[4]); // half a step
        Assert.Equal(1, error.DeadChannels);
    }

    [Fact]
    public void A_value_that_is_no_number_names_the_node()
    {
        Assert.Contains("node a is NaN", Assert.Throws<WorkException>(() => Error(relu: false).Take([1, float.NaN], new float[2])).Message);
        Assert.Throws<WorkException>(() => Error(relu: false).Take([1, float.PositiveInfinity], new float[2]));
    }

    [Fact]
    public void The_estimate_for_another_scale_is_near_what_it_would_leave()
    {
        var random = new Random(5);
        float[] y = [.. Enumerable.Range(0, 40000).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 100)];
        LayerError error = Error(relu: false);
        error.Take(y, [.. y]);
        float[] scales = [0.25f, 0.4f, 0.8f, 2, Scale];
        double[] exact = QuantizationError.Squared(y, scales);
        for (int i = 0; i < scales.Length - 1; i++)
        {
            Assert.InRange(error.RelativeError(scales[i]) / (exact[i] / exact[^1]), 0.95, 1.05);
        }

        float best = error.BestScale();
        Assert.All(scales, scale => Assert.True(error.RelativeError(best) <= error.RelativeError(scale)));
    }

    [Fact]
    public void The_histogram_counts_every_value_but_zeros_up_to_the_end_of_the_range()
    {
        LayerError error = Error(relu: false);
        float[] values = [0, 1, 2, -63, 60, 3];
        error.Take(values, [.. values]);
        long[] bins = error.Histogram(64); // to 63.75
        Assert.Equal(5, bins.Sum());
        Assert.Equal(2, bins.AsSpan(59).ToArray().Sum());
    }

    internal static LayerError Error(bool relu, float? high = null, float[]? bias = null, float scale = Scale) => new(Network(relu, high, bias, scale), Network(relu, high, bias, scale).Graph["a"]);

    internal static Network Network(bool relu, float? high = null, float[]? bias = null, float scale = Scale)
    {
        Graph graph = GraphParser.Parse(
            $"""
            graph one
            %img = input() : 1x3x1x2
            %a = conv2d(%img) in=3 out=2 kernel=1 stride=1 padding=0 groups=1{(relu ? " relu=true" : "")} : 1x2x1x2
            output y = %a

            """);
        if (high is not null)
        {
            graph = graph.Rewrite((node, _) => node.Op is Conv2d conv ? node with { Op = conv with { Activation = new Activation(true, high) } } : node);
        }

        ParameterSet parameters = ParameterSet.Initialize(graph, seed: 1);
        (parameters["a.weight"], parameters["a.bias"]) = (Weights, bias ?? [0, 0]);
        var scales = new ScaleTable(new Dictionary<string, float> { ["a"] = scale }, new Dictionary<string, QuantParams> { ["a"] = new([0.25f, 0.25f]) });
        return new Network(scales.Annotate(graph), parameters);
    }
}
