using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Tests;

public class ObserverRuleTests
{
    private static readonly Graph Three = GraphParser.Parse(
        """
        graph three
        %img = input() : 1x3x4x4
        %stem.conv = conv2d(%img) in=3 out=4 kernel=3 stride=1 padding=1 groups=1 relu=true : 1x4x4x4
        %body.dw = conv2d(%stem.conv) in=4 out=4 kernel=3 stride=1 padding=1 groups=4 relu=true : 1x4x4x4
        %body.pw = conv2d(%body.dw) in=4 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4
        output y = %body.pw

        """);

    private static readonly CalibrationOptions Plain = new() { ActivationObserver = ObserverKind.Widest };

    private static ScaleTable Finish(CalibrationOptions options, ParameterSet? parameters = null)
    {
        var session = new CalibrationSession(Three, options);
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [1, 2]);
            session.Observe(value, [4, 0]);
        }

        return session.Finish(parameters ?? ParameterSet.Initialize(Three, seed: 1));
    }

    [Fact]
    public void A_rule_changes_the_nodes_that_it_names_and_no_others()
    {
        IReadOnlyDictionary<string, float> plain = Finish(Plain).Activations;
        Assert.All(plain.Values, scale => Assert.Equal(Int8Arithmetic.ScaleFor(4), scale));
        Assert.Equal(["stem.conv"], Changed(new ObserverRule { Nodes = "stem.*", ActivationObserver = ObserverKind.MovingAverage }));
        Assert.Equal(["body.dw", "body.pw"], Changed(new ObserverRule { Nodes = "body.?w", ActivationObserver = ObserverKind.MinMax }));
        Assert.Equal(["body.dw"], Changed(new ObserverRule { Op = ConvolutionKind.Depthwise, ActivationObserver = ObserverKind.MinMax }));
        Assert.Equal(["body.pw"], Changed(new ObserverRule { Op = ConvolutionKind.Pointwise, ActivationObserver = ObserverKind.MinMax }));
        Assert.Equal(["stem.conv"], Changed(new ObserverRule { Op = ConvolutionKind.Dense, ActivationObserver = ObserverKind.MinMax }));
        Assert.Equal(["body.dw", "body.pw", "stem.conv"], Changed(new ObserverRule { ActivationObserver = ObserverKind.MinMax }));

        string[] Changed(ObserverRule rule) => [.. Finish(Plain with { Rules = [rule] }).Activations.Where(item => item.Value != plain[item.Key]).Select(item => item.Key).Order()];
    }

    [Fact]
    public void The_last_rule_that_says_something_decides_it()
    {
        ScaleTable scales = Finish(Plain with
        {
            Rules =
            [
                new ObserverRule { Nodes = "body.*", ActivationObserver = ObserverKind.FixedScale, Scale = 0.5f },
                new ObserverRule { Nodes = "body.pw", Scale = 0.25f },
                new ObserverRule { Nodes = "*.dw", ActivationObserver = ObserverKind.Widest },
            ],
        });
        Assert.Equal(0.25f, scales.Activations["body.pw"]);
        Assert.Equal(Int8Arithmetic.ScaleFor(4), scales.Activations["body.dw"]);
    }

    [Fact]
    public void Weights_share_a_scale_where_that_is_asked_for()
    {
        ParameterSet parameters = ParameterSet.Initialize(Three, seed: 1);
        parameters["body.pw.weight"] = [1, 1, 1, 1, -0.5f, 0.5f, 0.25f, 0];
        ScaleTable perChannel = Finish(Plain, parameters), perTensor = Finish(Plain with { Rules = [new ObserverRule { Nodes = "body.pw", WeightGranularity = WeightGranularity.PerTensor }] }, parameters);
        Assert.Equal([Int8Arithmetic.ScaleFor(1), Int8Arithmetic.ScaleFor(0.5f)], perChannel.Weights["body.pw"].Scales.AsEnumerable());
        Assert.Equal([Int8Arithmetic.ScaleFor(1), Int8Arithmetic.ScaleFor(1)], perTensor.Weights["body.pw"].Scales.AsEnumerable());
        Assert.Equal(perChannel.Weights["body.dw"].Scales.AsEnumerable(), perTensor.Weights["body.dw"].Scales.AsEnumerable());
    }

    [Fact]
    public void A_rule_for_no_node_is_refused_with_the_nearest_names()
    {
        string message = Refused(new ObserverRule { Nodes = "body.pv", ActivationObserver = ObserverKind.Mse });
        Assert.Contains("names like body.pv", message);
        Assert.Contains("The nearest names are body.pw, body.dw, stem.conv", message);
        Assert.Contains("nearest names are stem.conv", Refused(new ObserverRule { Nodes = "stem.conf*" }));
        Assert.Contains("depthwise convolutions with names like stem.*; those names are other convolutions'", Refused(new ObserverRule { Nodes = "stem.*", Op = ConvolutionKind.Depthwise }));

        static string Refused(ObserverRule rule) => Assert.Throws<UsageException>(() => new CalibrationSession(Three, Plain with { Rules = [rule] })).Message;
    }
}
