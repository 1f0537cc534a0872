using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Quantization.Tests;

/// <summary>Networks whose sums would leave the exact range get coarser weight scales, no error.</summary>
public class AccumulatorRepairTests
{
    /// <summary>A 3x3 convolution over 512 channels, behind a ReLU or not.</summary>
    private static Network Wide(bool relu, Func<int, float> weight)
    {
        Graph graph = GraphParser.Parse(
            $"""
            graph wide
            %img = input() : 1x3x4x4
            %a = conv2d(%img) in=3 out=512 kernel=1 stride=1 padding=0 groups=1{(relu ? " relu=true" : "")} : 1x512x4x4
            %b = conv2d(%a) in=512 out=2 kernel=3 stride=1 padding=1 groups=1 : 1x2x4x4
            output b = %b

            """);
        ParameterSet parameters = ParameterSet.Initialize(graph, seed: 1);
        parameters["b.weight"] = [.. Enumerable.Range(0, 2 * 4608).Select(weight)];
        return new Network(graph, parameters);
    }

    private static IntegerProgram Calibrate(Network network, out ScaleTable scales)
    {
        var session = new CalibrationSession(network.Graph, new CalibrationOptions());
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-1, 1]);
        }

        scales = session.Finish(network.Parameters);
        return Lowering.Lower(new Network(scales.Annotate(network.Graph), network.Parameters));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gaussian_weights_at_a_fan_in_of_4608_can_be_lowered(bool relu)
    {
        var random = new Random(5);
        Network network = Wide(relu, _ => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle()) / 68);
        network.Parameters["b.weight"] = [.. network.Parameters["b.weight"].Select(value => Math.Clamp(value, -3f / 68, 3f / 68))]; // no far weight widens the scale

        IntegerProgram program = Calibrate(network, out ScaleTable scales);

        var conv = (ConvInstruction)program.Instructions[1];
        long bound = AccumulatorProof.LargestBound(program, conv);
        float plain = Int8Arithmetic.ScaleFor(3f / 68);
        if (relu)
        {
            Assert.InRange(bound, 1, Int8Arithmetic.AccumulatorLimit * 3 / 4);
            Assert.All(scales.Weights["b"].Scales, scale => Assert.Equal(plain, scale)); // as without the bound
        }
        else
        {
            Assert.InRange(bound, Int8Arithmetic.AccumulatorLimit * 6 / 7, Int8Arithmetic.AccumulatorLimit * 7 / 8); // no coarser than is needed
            Assert.All(scales.Weights["b"].Scales, scale => Assert.InRange(scale, plain, 1.5f * plain));
        }
    }

    [Fact]
    public void The_worst_weights_are_repaired_and_the_others_left_alone()
    {
        // Channel 0: all of the largest magnitude; channel 1: one of it.
        Network network = Wide(relu: true, i => i < 4608 ? 0.5f : i == 4608 ? 0.5f : 0.0001f);
        IntegerProgram program = Calibrate(network, out ScaleTable scales);

        var conv = (ConvInstruction)program.Instructions[1];
        Assert.InRange(AccumulatorProof.Bound(program, conv, 0), 1, (Int8Arithmetic.AccumulatorLimit / 8 * 7) - 1);
        Assert.Equal(Int8Arithmetic.ScaleFor(0.5f), scales.Weights["b"].Scales[1]);
        Assert.True(conv.Weights[0] > 20, $"{conv.Weights[0]}"); // 2^24 · 7/8 / 127 / 4608 is 25
        Assert.Equal(0.5, conv.Weights[0] * scales.Weights["b"].Scales[0], 0.02);
    }

    [Theory]
    [InlineData(0.5, 16)]
    [InlineData(1.0, 32)]
    public void Wide_networks_calibrate_although_each_weight_is_as_large_as_the_largest(double alpha, int baseChannels)
    {
        Segmentor hat = RandomNetworks.HatOptions();
        Graph training = (hat with { Backbone = hat.Backbone with { Alpha = alpha }, Neck = hat.Neck with { BaseChannels = baseChannels } }).TrainingGraph(new TensorShape(1, 3, 64, 64));
        Network prepared = QuantizationPreparation.Prepare(new Network(training, ParameterSet.InitializeAsTrained(training, seed: 1)));
        var random = new Random(1);
        foreach (Node node in prepared.Graph.Nodes.Where(node => node.Op is Conv2d))
        {
            float[] weight = prepared.Parameters[Conv2d.WeightName(node.Name)];
            for (int i = 0; i < weight.Length; i++)
            {
                weight[i] = random.Next(2) == 0 ? 0.1f : -0.1f;
            }
        }

        IntegerProgram program = Calibrate(prepared, out _);

        Assert.All(program.Instructions.OfType<ConvInstruction>(), conv => Assert.True(AccumulatorProof.LargestBound(program, conv) < Int8Arithmetic.AccumulatorLimit));
        Assert.Contains(program.Instructions.OfType<ConvInstruction>(), conv => conv.Weights.Length / conv.Bias.Length >= (alpha == 1 ? 1024 : 512));
    }

    [Fact]
    public void Where_only_shifts_are_every_scale_is_a_power_of_two_after_calibration_and_after_a_repair()
    {
        Network network = Wide(relu: true, i => i < 4608 ? 0.5f : 0.0001f);
        ScaleTable plain = Observed(network, Requantization.Float32), scales = Observed(network, Requantization.Shift);
        Assert.All(scales.Activations, item => Assert.Equal(FixedPoint.PowerOfTwoFrom(plain.Activations[item.Key]), item.Value));
        Assert.All(scales.Weights.SelectMany(item => item.Value.Scales), scale => Assert.Equal(FixedPoint.PowerOfTwoFrom(scale), scale));
        Assert.All(scales.Weights["a"].Scales.Zip(plain.Weights["a"].Scales), pair => Assert.Equal(FixedPoint.PowerOfTwoFrom(pair.Second), pair.First));

        Graph annotated = scales.Annotate(network.Graph);
        float before = scales.Weights["b"].Scales[0];
        network.Parameters["b.weight"].AsSpan(0, 4608).Fill(0.5f * 1.9f);
        (Graph repaired, ImmutableArray<(string, int)> channels) = AccumulatorRepair.Run(new Network(annotated, network.Parameters));
        Assert.Equal(("b", 0), Assert.Single(channels));
        Assert.Equal(2 * before, repaired["b"].WeightQuant!.Scales[0]);
        Lowering.Require(new Network(repaired, network.Parameters));

        Graph other = new ScaleTable(scales.Activations, plain.Weights, Requantization.Shift).Annotate(network.Graph);
        Assert.Contains("the requantization shift needs powers of two", Assert.Throws<WorkException>(() => Lowering.Require(new Network(other, network.Parameters))).Message);

        static ScaleTable Observed(Network network, Requantization form)
        {
            var session = new CalibrationSession(network.Graph, new CalibrationOptions { Requantization = form });
            foreach (string value in session.ObservedValues)
            {
                session.Observe(value, [-1, 1]);
            }

            return session.Finish(network.Parameters);
        }
    }

    [Fact]
    public void Qat_repairs_what_drifts_and_leaves_what_diverges_to_be_refused()
    {
        Network network = Wide(relu: true, i => i < 4608 ? 0.5f : 0.0001f);
        Calibrate(network, out ScaleTable scales);
        Graph annotated = scales.Annotate(network.Graph);
        Assert.Empty(AccumulatorRepair.Run(new Network(annotated, network.Parameters)).Repaired);

        network.Parameters["b.weight"].AsSpan(0, 4608).Fill(0.6f);
        Assert.Throws<WorkException>(() => Lowering.Require(new Network(annotated, network.Parameters)));
        (Graph repaired, ImmutableArray<(string, int)> channels) = AccumulatorRepair.Run(new Network(annotated, network.Parameters));
        Assert.Equal(("b", 0), Assert.Single(channels));
        Lowering.Require(new Network(repaired, network.Parameters));
        Assert.InRange(repaired["b"].WeightQuant!.Scales[0] / scales.Weights["b"].Scales[0], 1.1f, 1.3f);
        Assert.Equal(scales.Weights["b"].Scales[1], repaired["b"].WeightQuant!.Scales[1]);

        network.Parameters["b.weight"].AsSpan(0, 4608).Fill(2f);
        Assert.Empty(AccumulatorRepair.Run(new Network(annotated, network.Parameters)).Repaired);
        network.Parameters["b.weight"][7] = float.NaN;
        Assert.Empty(AccumulatorRepair.Run(new Network(annotated, network.Parameters)).Repaired);
    }
}
