using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.TestKit;

namespace Tessera.Graphs.Tests;

public class ParameterSetTests
{
    private static readonly Graph Network = RandomNetworks.HatOptions().TrainingGraph(new TensorShape(1, 3, 64, 64));

    [Fact]
    public void The_same_seed_draws_the_same_values_and_another_seed_others()
    {
        ParameterSet a = ParameterSet.Initialize(Network, 7), b = ParameterSet.Initialize(Network, 7), c = ParameterSet.Initialize(Network, 8);
        Assert.Equal(Network.Parameters.Count(), a.Count);
        foreach ((string name, float[] values) in a)
        {
            Assert.Equal(values, b[name]);
        }

        Assert.NotEqual(a["backbone.mod1.0.0.weight"], c["backbone.mod1.0.0.weight"]);
    }

    [Fact]
    public void Starting_values_lie_within_their_bounds_and_fill_them()
    {
        ParameterSet set = ParameterSet.Initialize(Network, 1);
        foreach (Node node in Network.Nodes)
        {
            foreach (Parameter parameter in node.Parameters)
            {
                Check(node, parameter, set[parameter.Name]);
            }
        }
    }

    private static void Check(Node node, Parameter parameter, float[] values)
    {
        Assert.Equal(parameter.Count, values.Length);
        if (node.Op is Conv2d { Init.NormalStd: null } conv)
        {
            // The largest of n uniform values lies below 0.8 of the bound with probability 0.8^n.
            double bound = 1 / Math.Sqrt(conv.FanIn);
            Assert.All(values, value => Assert.InRange(value, -bound, bound));
            Assert.True(values.Length < 100 || values.Max() > 0.8 * bound && values.Min() < -0.8 * bound, parameter.Name);
        }
        else if (node.Op is Conv2d && parameter.Role == ParameterRole.Weight)
        {
            // n > 500 values of N(0, 0.01²): their standard deviation errs by less than 16 % at five sigma.
            Assert.InRange(Math.Sqrt(values.Average(value => (double)value * value)), 0.0084, 0.0116);
        }
        else
        {
            float expected = parameter.Role is ParameterRole.Gamma or ParameterRole.RunningVariance ? 1 : 0;
            Assert.All(values, value => Assert.Equal(expected, value));
        }
    }

    [Fact]
    public void Parameters_survive_a_tensor_file_exactly()
    {
        ParameterSet set = ParameterSet.Initialize(Network, 3);
        ParameterSet back = ParameterSet.From(Network, new SafetensorsFile(set.ToTensors(Network)), "x");
        Assert.Equal(set.Count, back.Count);
        Assert.All(set, item => Assert.Equal(item.Value, back[item.Key]));
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused_with_the_tensor_and_the_file()
    {
        SafetensorsTensor[] tensors = [.. ParameterSet.Initialize(Network, 3).ToTensors(Network)];
        Assert.Contains("f.safetensors has no tensor backbone.mod1.0.0.weight", Fault(tensors[1..]));
        Assert.Contains("tensor backbone.mod1.0.0.weight has shape [8, 27], the network needs [8, 3, 3, 3]", Fault([tensors[0] with { Shape = [8, 27] }, .. tensors[1..]]));
        Assert.Contains("element type I32", Fault([tensors[0] with { ElementType = "I32" }, .. tensors[1..]]));
    }

    [Fact]
    public void Tensors_that_the_graph_does_not_own_are_left_out()
    {
        SafetensorsTensor[] tensors = [.. ParameterSet.Initialize(Network, 3).ToTensors(Network)];
        ParameterSet set = ParameterSet.From(DeployGraph.Of(Network), new SafetensorsFile(tensors), "x");
        Assert.False(set.TryGet("head.stride8.0.weight", out _));
        Assert.True(set.TryGet("head.stride4.0.weight", out _));
        Assert.Throws<KeyNotFoundException>(() => set["head.stride8.0.weight"]);
    }

    private static string Fault(SafetensorsTensor[] tensors) =>
        Assert.Throws<BadFileException>(() => ParameterSet.From(Network, new SafetensorsFile(tensors), "f.safetensors")).Message;
}
