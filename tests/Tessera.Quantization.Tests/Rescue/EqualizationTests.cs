using Tessera.Graphs;
using Tessera.Quantization.Rescue;
using Tessera.TestKit;

namespace Tessera.Quantization.Tests.Rescue;

public class EqualizationTests
{
    /// <summary>One channel is 200 times as wide as the others; every reader multiplies it by a 200th.</summary>
    private static Network Uneven(string middle)
    {
        Graph graph = GraphParser.Parse(
            $"""
            graph uneven
            %img = input() : 1x3x8x8
            %a = conv2d(%img) in=3 out=4 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x4x8x8
            {middle}
            output y = %b

            """);
        ParameterSet parameters = ParameterSet.InitializeAsTrained(graph, seed: 3);
        float[] maker = parameters["a.weight"], bias = parameters["a.bias"], reader = parameters["b.weight"];
        var conv = (Conv2d)graph["b"].Op;
        for (int i = 0; i < maker.Length; i++)
        {
            maker[i] *= i < 3 ? 200 : 1;
        }

        bias[0] *= 200;
        for (int i = 0; i < reader.Length; i++)
        {
            reader[i] /= conv.InputChannelOf(i) == 0 ? 200 : 1;
        }

        return new Network(graph, parameters);
    }

    [Theory]
    [InlineData("%b = conv2d(%a) in=4 out=4 kernel=3 stride=1 padding=1 groups=4 : 1x4x8x8")]
    [InlineData("%b = conv2d(%a) in=4 out=5 kernel=1 stride=1 padding=0 groups=1 : 1x5x8x8")]
    [InlineData("%u = upsample(%a) factor=2 : 1x4x16x16\n%b = conv2d(%u) in=4 out=5 kernel=1 stride=1 padding=0 groups=1 : 1x5x16x16")]
    public void A_wide_channel_no_longer_costs_the_others_their_bits(string middle)
    {
        Network network = Uneven(middle);
        (_, double before) = CalibratedByHand.Error(CalibratedByHand.Annotated(network, CalibratedByHand.Session(network)), network);

        Network equal = Equalization.Run(network, CalibratedByHand.Session(network).LargestOf);
        (_, double after) = CalibratedByHand.Error(CalibratedByHand.Annotated(equal, CalibratedByHand.Session(equal)), network);

        Assert.True(after < before / 10, $"{before} -> {after}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_network_keeps_its_function(bool sharedScales)
    {
        int changed = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
            Network equal = sharedScales ? Equalization.RunForSharedScales(prepared) : Equalization.Run(prepared, CalibratedByHand.Session(prepared, images: 1).LargestOf);
            changed += prepared.Parameters.Any(item => !item.Value.SequenceEqual(equal.Parameters[item.Key])) ? 1 : 0;
            Dictionary<string, double[]> expected = CalibratedByHand.Float(prepared, 7), actual = CalibratedByHand.Float(equal, 7);
            foreach (GraphOutput output in prepared.Graph.Outputs.Where(output => prepared.Graph[output.Value].Op is not ArgMax))
            {
                double[] wanted = expected[output.Value];
                double tolerance = 1e-4 * wanted.Max(Math.Abs); // parameters are float32: 6e-8 for each factor, some layers deep, and sums cancel
                Assert.All(wanted.Zip(actual[output.Value]), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance));
            }
        }

        Assert.InRange(changed, 20, 40);
    }

    [Fact]
    public void Weights_that_share_a_scale_become_alike()
    {
        Network network = Uneven("%b = conv2d(%a) in=4 out=4 kernel=3 stride=1 padding=1 groups=4 : 1x4x8x8");
        var options = new CalibrationOptions { ActivationObserver = ObserverKind.Widest, WeightGranularity = WeightGranularity.PerTensor };
        (_, double before) = CalibratedByHand.Error(CalibratedByHand.Annotated(network, CalibratedByHand.Session(network, options: options)), network);

        Network equal = Equalization.RunForSharedScales(network);

        (_, double after) = CalibratedByHand.Error(CalibratedByHand.Annotated(equal, CalibratedByHand.Session(equal, options: options)), network);
        Assert.True(after < before / 10, $"{before} -> {after}");
    }

    [Fact]
    public void A_channel_that_is_always_zero_stays_finite()
    {
        Network network = Uneven("%b = conv2d(%a) in=4 out=4 kernel=3 stride=1 padding=1 groups=4 : 1x4x8x8");
        network.Parameters["a.weight"].AsSpan(3, 3).Clear();
        network.Parameters["a.bias"][1] = -1;
        network.Parameters["b.weight"].AsSpan(18, 9).Clear(); // and one that nobody multiplies

        Network equal = Equalization.Run(network, CalibratedByHand.Session(network).LargestOf);

        Assert.All(equal.Parameters, item => Assert.All(item.Value, value => Assert.True(float.IsFinite(value))));
        Lowering.Lower(CalibratedByHand.Annotated(equal, CalibratedByHand.Session(equal)));
    }
}
