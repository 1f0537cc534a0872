using Tessera.Core;
using Tessera.Graphs;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.TestKit;
using Tessera.Training;
using UpsampleMode = Tessera.Core.UpsampleMode;

namespace Tessera.EndToEnd.Tests;

/// <summary>QAT = int_infer = compiled = integer ONNX, in every element of every layer, on random networks of all operations.</summary>
public class AllOperationsTests
{
    private const int Networks = 40, ExtremeNetworks = 1000;

    public AllOperationsTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Fact]
    public void Every_integer_form_of_a_random_network_gives_the_same_numbers()
    {
        AssertAllFormsEqual(LongFactAttribute.Runs ? 50 * Networks : Networks, (prepared, image, _) => IntegerForms.Annotate(prepared, image));
    }

    [Theory]
    [InlineData(Requantization.Multiplier16)]
    [InlineData(Requantization.Shift)]
    public void They_do_for_devices_that_requantize_in_integers(Requantization form)
    {
        AssertAllFormsEqual(LongFactAttribute.Runs ? 50 * Networks : Networks, (prepared, image, _) => IntegerForms.Annotate(prepared, image, form));
        AssertAllFormsEqual(LongFactAttribute.Runs ? 10 * ExtremeNetworks : ExtremeNetworks / 5, (prepared, _, seed) => ExtremeScales.Annotate(prepared, seed, form));
    }

    [Fact]
    public void They_do_at_scales_from_1e_6_to_1e3_and_with_weights_and_biases_at_their_ends()
    {
        AssertAllFormsEqual(LongFactAttribute.Runs ? 10 * ExtremeNetworks : ExtremeNetworks, (prepared, _, seed) => ExtremeScales.Annotate(prepared, seed));
    }

    [Fact]
    public void The_extreme_networks_reach_the_ends_and_keep_something_between_them()
    {
        List<float> scales = [];
        long values = 0, ends = 0, zeros = 0, largest = 0;
        for (int seed = 0; seed < Networks; seed++)
        {
            Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
            Network annotated = ExtremeScales.Annotate(prepared, seed);
            scales.AddRange(annotated.Graph.Nodes.Where(node => node.Op is Conv2d).Select(node => node.Output.Quant!.Scale));
            IntegerProgram program = Lowering.Lower(annotated);
            largest = Math.Max(largest, program.Instructions.OfType<ConvInstruction>().Max(conv => conv.Bias.Select((bias, channel) => Int8Arithmetic.AccumulatorBound(conv.Weights.AsSpan(channel * conv.FanIn, conv.FanIn), bias)).Max()));
            new ReferenceExecutor(program).Run(IntegerForms.ImageOf(prepared, seed), (tensor, results) =>
            {
                values += tensor.IsClassMap ? 0 : results.Length;
                foreach (sbyte result in tensor.IsClassMap ? [] : results)
                {
                    ends += result is sbyte.MinValue or sbyte.MaxValue ? 1 : 0;
                    zeros += result == 0 ? 1 : 0;
                }
            });
        }

        Assert.InRange(scales.Min(), 0.9e-6f, 1e-5f);
        Assert.InRange(scales.Max(), 1e2f, 1.1e3f);
        Assert.InRange(largest, Int8Arithmetic.AccumulatorLimit - 8, Int8Arithmetic.AccumulatorLimit - 1);
        Assert.InRange(ends, values / 20, values / 2);
        Assert.InRange(values - ends - zeros, values / 8, values);
    }

    [Fact]
    public void The_random_networks_hold_every_operation()
    {
        Op[] ops = [.. Enumerable.Range(0, Networks).SelectMany(seed => MixedGraphs.Network(seed).Graph.Nodes).Select(node => node.Op)];
        Assert.Equal(OpTable.ByMnemonic.Keys.Order(StringComparer.Ordinal), ops.Select(op => op.Mnemonic).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(ops, op => op is Relu { High: not null });
        Assert.Contains(ops, op => op is Upsample { Mode: UpsampleMode.Nearest });
        Assert.Contains(ops, op => op is Conv2d { Geometry.Rows.Dilation: > 1 });
        Assert.Contains(ops, op => op is Conv2d { Geometry.IsSquare: false });
    }

    [Fact]
    public void The_float_network_keeps_its_function_from_training_to_onnx()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            FloatForms.AssertAllNear(MixedGraphs.Network(seed), seed);
        }
    }

    /// <summary>The integer forms of the networks of the seeds below a count.</summary>
    private static void AssertAllFormsEqual(int count, Func<Network, sbyte[], int, Network> annotate) => Parallel.For(0, count, seed =>
    {
        Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
        sbyte[] image = IntegerForms.ImageOf(prepared, seed);
        Network annotated = annotate(prepared, image, seed);

        // The compiler refuses what some devices cannot do, such as averages over three values.
        IntegerForms.AssertAllEqual(annotated, image, isPlanned: seed % 4 == 0 && ScaleTable.RequantizationOf(annotated.Graph) == Requantization.Float32);
    });
}
