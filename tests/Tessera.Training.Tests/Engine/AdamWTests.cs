using Tessera.Core;
using Tessera.Graphs;
using Tessera.TestKit;
using TorchSharp;
using static TorchSharp.torch;
using TorchAdamW = TorchSharp.Modules.AdamW;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Tessera.Training.Tests.Engine;

public class AdamWTests
{
    public AdamWTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(0.9, 0.999, 1e-8, 0.1)]
    [InlineData(0.5, 0.75, 1e-3, 0.0)]
    public void Steps_are_those_of_libtorchs_own_optimizer_also_after_a_resume(double beta1, double beta2, double eps, double decay)
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        ParameterSet start = ParameterSet.Initialize(graph, 1);
        using GraphModule ours = new(graph, start), theirs = new(graph, start);
        var options = new AdamWOptions { Beta1 = beta1, Beta2 = beta2, Eps = eps, Decay = new WeightDecay { Others = decay } };
        var optimizer = new AdamW(ours, options);
        using TorchAdamW reference = optim.AdamW(theirs.TrainedParameters.Select(item => item.Tensor), 0.05, beta1, beta2, eps, decay);
        var random = new Random(1);
        for (int step = 0; step < 4; step++)
        {
            foreach (((_, TorchParameter own), (_, TorchParameter other)) in ours.TrainedParameters.Zip(theirs.TrainedParameters))
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor gradient = tensor([.. Enumerable.Range(0, (int)own.numel()).Select(_ => (2 * random.NextSingle()) - 1)], own.shape);
                own.grad = gradient.clone();
                other.grad = gradient.clone();
            }

            optimizer.Step(0.05);
            reference.step();
            if (step == 1)
            {
                // As a resumed training does it: another optimizer, which knows what this one remembers and how many steps it took.
                IReadOnlyDictionary<string, float[]> state = optimizer.ReadState();
                optimizer = new AdamW(ours, options);
                optimizer.LoadState(state, 2);
            }
        }

        // Divisions by roots of small means enlarge the rounding of float32.
        ParameterSet expected = theirs.ToParameterSet();
        Assert.All(ours.ToParameterSet(), item => Assert.All(item.Value.Zip(expected[item.Key]), pair => Assert.Equal(pair.Second, pair.First, 2e-5 * Math.Max(1, Math.Abs(pair.Second)))));
    }

    [Theory]
    [InlineData(float.NaN, 0.1, "The gradient of conv.weight[1] is NaN.")]
    [InlineData(float.PositiveInfinity, 0.1, "The gradient of conv.weight[1] is Infinity.")]
    [InlineData(1, 1e39, "moves conv.weight beyond float32.")]
    public void A_step_that_is_no_number_changes_nothing(float gradient, double rate, string message)
    {
        using DisposeScope scope = NewDisposeScope();
        Graph graph = GraphParser.Parse(
            """
            graph one
            %img = input() : 1x3x1x1
            %conv = conv2d(%img) in=3 out=1 kernel=1 stride=1 padding=0 groups=1 : 1x1x1x1
            output y = %conv
            """);
        using var module = new GraphModule(graph, new ParameterSet { ["conv.weight"] = [1, 2, 3], ["conv.bias"] = [4] });
        var optimizer = new AdamW(module, new());
        Dictionary<string, TorchParameter> tensors = module.TrainedParameters.ToDictionary(item => item.Name, item => item.Tensor);
        tensors["conv.weight"].grad = tensor([1f, gradient, 1f], [1, 3, 1, 1]).clone();
        tensors["conv.bias"].grad = tensor([1f]).clone();

        Assert.Contains(message, Assert.Throws<WorkException>(() => optimizer.Step(rate)).Message);

        Assert.Equal([1, 2, 3], module.ToParameterSet()["conv.weight"]);
        Assert.All(optimizer.ReadState().Values, values => Assert.All(values, value => Assert.Equal(0, value)));
    }

    [Fact]
    public void A_group_that_names_no_parameter_is_an_error()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        using var module = new GraphModule(graph, ParameterSet.Initialize(graph, 1));
        string message = Assert.Throws<UsageException>(() => new AdamW(module, new() { Decay = WeightDecay.OfWeights(0.1) with { Groups = [("wieght", 0.1)] } })).Message;
        Assert.StartsWith("optimizer.params.wieght: no parameter's name contains \"wieght\".", message);
    }
}
