using Tessera.Graphs;
using Tessera.TestKit;
using Tessera.Training;
using UpsampleMode = Tessera.Core.UpsampleMode;

namespace Tessera.EndToEnd.Tests;

/// <summary>QAT = int_infer = compiled = integer ONNX, in every element of every layer, on random networks of all operations.</summary>
public class AllOperationsTests
{
    private const int Networks = 40;

    public AllOperationsTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Fact]
    public void Every_integer_form_of_a_random_network_gives_the_same_numbers()
    {
        for (int seed = 0; seed < (LongFactAttribute.Runs ? 50 * Networks : Networks); seed++)
        {
            IntegerForms.AssertAllEqual(MixedGraphs.Network(seed), seed);
        }
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
}
