using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Tests;

/// <summary>What may move in QAT, what moves together, and the bounds that weight scales keep whatever is asked for.</summary>
public class MovableScalesTests
{
    private const float Image = Int8Arithmetic.ImageScale;

    // a, its pooling and the concatenation with b have one scale; a second concatenation holds the image's.
    private static readonly Graph Joined = GraphParser.Parse(
        """
        graph joined
        %img = input() : 1x3x4x4 scale=0.0078125
        %max = max_pool2d(%img) kernel=3 stride=1 padding=1 : 1x3x4x4 scale=0.0078125
        %two = concat(%img, %max) : 1x6x4x4 scale=0.0078125
        %a = conv2d(%two) in=6 out=4 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x4x4x4 scale=0.1 weight_scale=0.01,0.01,0.01,0.01
        %p = max_pool2d(%a) kernel=3 stride=1 padding=1 : 1x4x4x4 scale=0.1
        %b = conv2d(%a) in=4 out=4 kernel=1 stride=1 padding=0 groups=1 : 1x4x4x4 scale=0.1 weight_scale=0.01,0.01,0.01,0.01
        %j = concat(%p, %b) : 1x8x4x4 scale=0.1
        %y = conv2d(%j) in=8 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x4x4 scale=0.5 weight_scale=0.01,0.01
        output y = %y

        """);

    [Fact]
    public void What_shares_a_scale_moves_as_one_and_the_image_never_does()
    {
        var movable = new MovableScales(Joined, new CalibrationOptions());
        string leader = movable.LeaderOf("a")!;
        Assert.Equal([(leader, 2L * 4 * 16), ("y", 2L * 16)], movable.Activations); // the elements of a and b, which are quantized to the scale
        Assert.All(new[] { "a", "p", "b", "j" }, name => Assert.Equal(leader, movable.LeaderOf(name)));
        Assert.All(new[] { "img", "max", "two" }, name => Assert.Null(movable.LeaderOf(name)));

        Graph moved = movable.Moved(Network(0), new Dictionary<string, float> { [leader] = 0.2f }, new Dictionary<string, float[]>());
        Assert.Equal([Image, Image, Image, 0.2f, 0.2f, 0.2f, 0.2f, 0.5f], moved.Nodes.Select(node => node.Output.Quant!.Scale));
        Assert.All(moved.Nodes.Where(node => node.Op is Conv2d), node => Assert.All(node.WeightQuant!.Scales, scale => Assert.Equal(0.01f, scale)));
    }

    [Fact]
    public void A_rule_that_fixes_one_scale_of_a_group_fixes_the_group()
    {
        var rule = new ObserverRule { Nodes = "b", ActivationObserver = ObserverKind.FixedScale, Scale = 0.1f };
        var movable = new MovableScales(Joined, new CalibrationOptions { Rules = [rule] });
        Assert.Equal(["y"], movable.Activations.Select(group => group.Leader));
        Assert.Null(movable.LeaderOf("a"));
    }

    [Fact]
    public void Weights_share_a_scale_where_calibration_was_told_so()
    {
        var movable = new MovableScales(Joined, new CalibrationOptions { Rules = [new ObserverRule { Nodes = "y", WeightGranularity = WeightGranularity.PerTensor }] });
        Assert.Equal([false, false, true], new[] { "a", "b", "y" }.Select(movable.HasSharedWeightScale));
    }

    [Theory]
    [InlineData(0, 3f, 0.5f / (8 * 0.1f))] // no coarser than an eighth of a step of the output
    [InlineData(4000, 1e-9f, 4000 / (0.1f * (1 << 22)))] // no finer than the bias asks for
    [InlineData(0, 0.02f, 0.02f)] // between them as it is wanted
    public void Weight_scales_stay_within_their_bounds(float bias, float wanted, float expected)
    {
        Graph moved = new MovableScales(Joined, new CalibrationOptions()).Moved(Network(bias), new Dictionary<string, float>(), new Dictionary<string, float[]> { ["y"] = [wanted, wanted] });
        Assert.All(moved["y"].WeightQuant!.Scales, scale => Assert.Equal(expected, scale, expected * 1e-6f));
        Lowering.Require(Network(bias) with { Graph = moved });
    }

    [Fact]
    public void The_bounds_follow_scales_that_have_just_moved()
    {
        // sy / (8·sx) with the new sx of 8 and the old sy of 0.5 lies below the weights' 0.01.
        var movable = new MovableScales(Joined, new CalibrationOptions());
        Graph moved = movable.Moved(Network(0), new Dictionary<string, float> { [movable.LeaderOf("a")!] = 8 }, new Dictionary<string, float[]>());
        Assert.All(moved["y"].WeightQuant!.Scales, scale => Assert.Equal(0.5f / 64, scale));
    }

    [Fact]
    public void An_accumulator_beyond_the_exact_range_gets_a_coarser_scale()
    {
        // 2,048 weights at the end of int8 come to 127·127·2,048 behind a ReLU, twice the range.
        Graph wide = GraphParser.Parse(
            """
            graph wide
            %img = input() : 1x3x1x1 scale=0.0078125
            %a = conv2d(%img) in=3 out=2048 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x2048x1x1 scale=0.1 weight_scale=SCALES
            %y = conv2d(%a) in=2048 out=1 kernel=1 stride=1 padding=0 groups=1 : 1x1x1x1 scale=100 weight_scale=0.1
            output y = %y

            """.Replace("SCALES", string.Join(",", Enumerable.Repeat("0.01", 2048)), StringComparison.Ordinal));
        ParameterSet parameters = ParameterSet.Initialize(wide, 1);
        parameters["y.weight"].AsSpan().Fill(1);
        var network = new Network(wide, parameters);

        float scale = new MovableScales(wide, new CalibrationOptions()).Moved(network, new Dictionary<string, float>(), new Dictionary<string, float[]> { ["y"] = [1 / 127f] })["y"].WeightQuant!.Scale;

        Assert.InRange(scale, 2 / 127f, 3 / 127f);
    }

    [Fact]
    public void A_bias_that_no_scale_holds_is_named()
    {
        Network network = Network(0);
        network.Parameters["b.bias"][2] = 3e38f;
        Graph tiny = new ScaleTable(new Dictionary<string, float> { ["a"] = 1.2e-7f, ["b"] = 1.2e-7f, ["y"] = 0.5f }, ScaleTable.Of(Joined).Weights).Annotate(Joined);

        string message = Assert.Throws<WorkException>(() => new MovableScales(tiny, new CalibrationOptions()).Moved(network with { Graph = tiny }, new Dictionary<string, float>(), new Dictionary<string, float[]>())).Message;

        Assert.StartsWith("Node b, channel 2: no weight scale holds its bias 3E+38 beside the scale 1.2E-07 of its input. Train QAT with a smaller learning rate.", message);
    }

    private static Network Network(float bias)
    {
        ParameterSet parameters = ParameterSet.Initialize(Joined, seed: 1);
        foreach (string node in new[] { "a", "b", "y" })
        {
            parameters[Conv2d.WeightName(node)].AsSpan().Fill(0.1f);
        }

        parameters["y.bias"].AsSpan().Fill(bias);
        return new Network(Joined, parameters);
    }
}
