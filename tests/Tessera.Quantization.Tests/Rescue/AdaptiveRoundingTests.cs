using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Rescue;
using Tessera.TestKit;

namespace Tessera.Quantization.Tests.Rescue;

public class AdaptiveRoundingTests
{
    private static Network Rounded(Network prepared, out Network plain)
    {
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.Widest, AdaptRounding = true });
        CalibratedByHand.Show(session, prepared, images: 4);
        plain = CalibratedByHand.Annotated(prepared, session);
        return AdaptiveRounding.Run(plain, session);
    }

    /// <summary>Channels that are all alike, and weights that all round upwards: the errors add up, where half of them could cancel the other half.</summary>
    [Theory]
    [InlineData("kernel=1 stride=1 padding=0", 1)]
    [InlineData("kernel=1 stride=1 padding=0", 4)]
    [InlineData("kernel=3 stride=2 padding=1", 1)]
    [InlineData("kernel=3 stride=1 padding=2 dilation=2", 16)]
    public void Errors_that_add_up_cancel(string reader, int groups)
    {
        int size = reader.Contains("stride=2", StringComparison.Ordinal) ? 4 : 8;
        Graph graph = GraphParser.Parse(
            $"""
            graph alike
            %img = input() : 1x3x8x8
            %a = conv2d(%img) in=3 out=16 kernel=3 stride=1 padding=1 groups=1 relu=true : 1x16x8x8
            %b = conv2d(%a) in=16 out=16 {reader} groups={groups} : 1x16x{size}x{size}
            output y = %b

            """);
        ParameterSet parameters = ParameterSet.InitializeAsTrained(graph, seed: 5);
        float[] maker = parameters["a.weight"], weight = parameters["b.weight"];
        for (int i = 27; i < maker.Length; i++)
        {
            maker[i] = maker[i % 27];
        }

        parameters["a.bias"].AsSpan().Fill(1);
        int fanIn = weight.Length / 16;
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] = i % fanIn == 0 ? 127.5f : (i % 7) + 0.55f; // the scale is 1
        }

        var network = new Network(graph, parameters);
        Network rounded = Rounded(network, out Network plain);
        (_, double before) = CalibratedByHand.Error(plain, network);
        (_, double after) = CalibratedByHand.Error(rounded, network);
        Assert.True(after < before * 0.75, $"{before} -> {after}");
    }

    [Fact]
    public void Each_weight_becomes_one_of_its_neighbours_and_the_objective_no_larger()
    {
        var random = new Random(3);
        (double gained, double attainable) = (0, 0);
        for (int round = 0; round < 200; round++)
        {
            int count = random.Next(1, 20);
            float scale = MathF.Exp((random.NextSingle() * 10) - 5);
            float[] weights = [.. Enumerable.Range(0, count).Select(_ => ((random.NextSingle() * 300) - 150) * scale)]; // some are clipped
            double[][] samples = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.3).ToArray())];
            double[] moments = [.. Enumerable.Range(0, count * count).Select(i => samples.Sum(x => x[i / count] * x[i % count]))];
            float[] rounded = [.. weights];

            AdaptiveRounding.Round(rounded, scale, moments);

            double Objective(Func<int, double> valueOf) => samples.Sum(x => Math.Pow(Enumerable.Range(0, count).Sum(i => x[i] * (valueOf(i) - (weights[i] / (double)scale))), 2));
            double nearest = Objective(i => Int8Arithmetic.QuantizeWeight(weights[i], scale)), found = Objective(i => Int8Arithmetic.QuantizeWeight(rounded[i], scale));
            Assert.True(found <= nearest * (1 + 1e-9), $"{nearest} -> {found}");
            for (int i = 0; i < count; i++)
            {
                double whole = Int8Arithmetic.QuantizeWeight(rounded[i], scale), real = Math.Clamp(weights[i] / (double)scale, -128, 127);
                Assert.InRange(whole - real, -1.0001, 1.0001);
            }

            if (count <= 10)
            {
                gained += nearest - found;
                attainable += nearest - Best(weights, scale, Objective);
            }
        }

        Assert.True(gained > 0.9 * attainable, $"{gained} of {attainable}");
    }

    [Fact]
    public void Every_network_can_still_be_lowered_and_gets_no_worse_on_the_whole()
    {
        (double before, double after) = (0, 0);
        for (int seed = 0; seed < 12; seed++)
        {
            Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed)), rounded = Rounded(prepared, out Network plain);
            double size = CalibratedByHand.Float(prepared, 100)[prepared.Graph.Outputs[0].Value].Max(Math.Abs);
            before += CalibratedByHand.Error(plain, prepared).Rms / size;
            after += CalibratedByHand.Error(rounded, prepared).Rms / size;
        }

        Assert.True(after < before, $"{before} -> {after}");
    }

    // All combinations of both neighbours.
    private static double Best(float[] weights, float scale, Func<Func<int, double>, double> objective) => Enumerable.Range(0, 1 << weights.Length).Min(bits =>
        objective(i => Math.Clamp(Math.Floor(weights[i] / (double)scale) + ((bits >> i) & 1), -128, 127)));
}
