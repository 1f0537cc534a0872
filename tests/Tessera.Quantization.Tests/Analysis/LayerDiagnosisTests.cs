using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Analysis;

namespace Tessera.Quantization.Tests.Analysis;

public class LayerDiagnosisTests
{
    private static readonly Random Random = new(7);

    private static readonly float[] Even = [.. Enumerable.Range(0, 4000).Select(_ => (Random.NextSingle() - 0.5f) * 100)];

    [Fact]
    public void A_narrow_range_clips_and_the_widest_mends_it()
    {
        LayerDiagnosis found = Judge(0.1f, Even, Even);
        Assert.Equal((LayerVerdict.Clips, "a", ObserverKind.Widest), (found.Verdict, found.Rule?.Nodes, found.Rule?.ActivationObserver));
        Assert.InRange(found.Gain, 0, 0.01);
    }

    [Fact]
    public void A_narrow_range_with_a_far_outlier_gets_the_scale_with_the_least_error()
    {
        // 12.75 clips much of ±50; a range of 250 for one value alone would round 240,000 others to steps of 2.
        float[] values = [.. Enumerable.Repeat(Even, 60).SelectMany(part => part), 250, 0];
        LayerDiagnosis found = Judge(0.1f, values, values);
        Assert.Equal((LayerVerdict.Clips, ObserverKind.FixedScale), (found.Verdict, found.Rule?.ActivationObserver));
        Assert.InRange(found.Rule!.Scale!.Value, 50 / 130f, 1.2f);
    }

    [Fact]
    public void A_wide_range_rounds_and_a_smaller_scale_mends_it()
    {
        LayerDiagnosis found = Judge(5, Even, Even);
        Assert.Equal((LayerVerdict.Rounds, ObserverKind.FixedScale), (found.Verdict, found.Rule?.ActivationObserver));
        Assert.InRange(found.Rule!.Scale!.Value, 50 / 130f, 50 / 120f);
        Assert.InRange(found.Gain, 0, 0.02);
    }

    [Fact]
    public void A_range_that_fits_gets_no_rule()
    {
        LayerDiagnosis found = Judge(50 / 127.5f, Even, Even);
        Assert.Equal((LayerVerdict.Rounds, null), (found.Verdict, found.Rule));
        Assert.True(double.IsNaN(found.Gain));
    }

    [Fact]
    public void What_the_parameters_do_is_the_weights_or_the_biases()
    {
        Assert.Equal(LayerVerdict.Weights, Judge(0.5f, Even, [.. Even.Select(x => x * 1.2f)]).Verdict);
        float off = 0.4f / 512;
        LayerDiagnosis found = Judge(1 / 65536f, [off, off, off, off], [0, 0, 0, 0], bias: [off, off]);
        Assert.Equal((LayerVerdict.Bias, null), (found.Verdict, found.Rule));
    }

    [Fact]
    public void Weights_that_are_clipped_get_an_observer_that_leaves_less()
    {
        // Scale 1/4 holds ±32; a weight of 100 is cut.
        Network network = LayerErrorTests.Network(relu: false);
        network.Parameters["a.weight"] = [100, 1, 1, 0.5f, 0.25f, 0];
        var error = new LayerError(network, network.Graph["a"]);
        error.Take([10, 10, 10, 10], [3, 10, 3, 10]);
        LayerDiagnosis found = LayerDiagnosis.Of(error, network, matters: true);
        Assert.Equal((LayerVerdict.Weights, ObserverKind.Mse), (found.Verdict, found.Rule?.WeightObserver));
        Assert.Equal(WeightGranularity.PerChannel, found.Rule?.WeightGranularity); // all had one scale
        Assert.InRange(found.Gain, 0, 0.1);
    }

    [Fact]
    public void What_does_not_matter_is_nothing_or_dead()
    {
        Assert.Equal(LayerVerdict.Nothing, Judge(0.1f, Even, Even, matters: false).Verdict);
        float[] half = [1, 0, 2, 0];
        Assert.Equal(LayerVerdict.Dead, Judge(0.1f, half, half, matters: false).Verdict);
    }

    [Fact]
    public void A_scale_that_is_shared_is_not_made_smaller_by_one_of_those_who_share_it()
    {
        Graph graph = GraphParser.Parse(
            """
            graph shared
            %img = input() : 1x3x1x2
            %a = conv2d(%img) in=3 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x1x2
            %b = conv2d(%img) in=3 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x1x2
            %c = concat(%a, %b) : 1x4x1x2
            output y = %c

            """);
        ParameterSet parameters = ParameterSet.Initialize(graph, seed: 1);
        var weights = new QuantParams([0.25f, 0.25f]);
        Graph annotated = new ScaleTable(new Dictionary<string, float> { ["a"] = 5, ["b"] = 5 }, new Dictionary<string, QuantParams> { ["a"] = weights, ["b"] = weights }).Annotate(graph);
        var network = new Network(annotated, parameters);
        var error = new LayerError(network, annotated["a"]);
        error.Take(Even, [.. Even]);
        LayerDiagnosis found = LayerDiagnosis.Of(error, network, matters: true);
        Assert.Equal((LayerVerdict.Rounds, null), (found.Verdict, found.Rule));
        Assert.Equal("b", Assert.Single(found.SharedWith));
    }

    private static LayerDiagnosis Judge(float scale, float[] expected, float[] held, bool matters = true, float[]? bias = null)
    {
        Network network = LayerErrorTests.Network(relu: false, bias: bias, scale: scale);
        var error = new LayerError(network, network.Graph["a"]);
        error.Take(expected, [.. held]);
        return LayerDiagnosis.Of(error, network, matters);
    }
}
