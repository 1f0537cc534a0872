using Tessera.Core;
using Tessera.Graphs;
using Tessera.TestKit;
using TorchSharp;
using static TorchSharp.torch;
using SGD = TorchSharp.Modules.SGD;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Tessera.Training.Tests.Engine;

public class SgdTests
{
    public SgdTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Fact]
    public void Weights_and_gammas_decay_biases_and_betas_do_not()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        using var module = new GraphModule(graph, ParameterSet.Initialize(graph, 1));
        var optimizer = new Sgd(module, new() { Decay = WeightDecay.OfWeights(0.25) });
        Parameter[] trained = [.. graph.Parameters.Where(parameter => parameter.IsTrained)];
        Assert.Equal(280, trained.Length);
        Assert.All(trained, parameter => Assert.Equal(parameter.Role is ParameterRole.Weight or ParameterRole.Gamma ? 0.25 : 0, optimizer.DecayOf(parameter.Name)));
    }

    [Fact]
    public void Two_steps_follow_the_formula_of_momentum_and_decay()
    {
        using DisposeScope scope = NewDisposeScope();
        using GraphModule module = One();
        var optimizer = new Sgd(module, new() { Momentum = 0.5, Decay = WeightDecay.OfWeights(0.2) });
        Tensor images = tensor([1f, 0.5f, -0.25f], [1, 3, 1, 1]);
        double[] weight = [1, 2, 3], gradient = [1, 0.5, -0.25], momentum = new double[3];
        double bias = 4, biasMomentum = 0;
        for (int step = 0; step < 2; step++)
        {
            optimizer.ZeroGradients();
            module.Forward(images)[0].sum().backward();
            optimizer.Step(0.1);
            for (int i = 0; i < 3; i++)
            {
                momentum[i] = (0.5 * momentum[i]) + gradient[i] + (0.2 * weight[i]);
                weight[i] -= 0.1 * momentum[i];
            }

            biasMomentum = (0.5 * biasMomentum) + 1;
            bias -= 0.1 * biasMomentum;
        }

        ParameterSet after = module.ToParameterSet();
        Assert.All(weight.Zip(after["conv.weight"]), pair => Assert.Equal(pair.First, pair.Second, 1e-6)); // float32 rounding
        Assert.Equal(bias, after["conv.bias"][0], 1e-6);
        Assert.All(momentum.Zip(optimizer.ReadState()["momentum.conv.weight"]), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_are_those_of_libtorchs_own_optimizer(bool nesterov)
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        ParameterSet start = ParameterSet.Initialize(graph, 1);
        using GraphModule ours = new(graph, start), theirs = new(graph, start);
        var optimizer = new Sgd(ours, new() { Momentum = 0.9, Nesterov = nesterov, Decay = WeightDecay.OfWeights(0.1) });
        ILookup<bool, TorchParameter> groups = theirs.TrainedParameters.ToLookup(item => optimizer.DecayOf(item.Name) > 0, item => item.Tensor);
        using SGD reference = optim.SGD(
            [new SGD.ParamGroup(groups[true], new SGD.Options { weight_decay = 0.1, nesterov = nesterov }), new SGD.ParamGroup(groups[false], new SGD.Options { weight_decay = 0, nesterov = nesterov })], 0.05, 0.9, nesterov: nesterov);
        var random = new Random(1);
        for (int step = 0; step < 3; step++)
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
        }

        ParameterSet expected = theirs.ToParameterSet();
        Assert.All(ours.ToParameterSet(), item => Assert.All(
            item.Value.Zip(expected[item.Key]), pair => Assert.Equal(pair.Second, pair.First, 4e-7 * Math.Max(1, Math.Abs(pair.Second))))); // libtorch fuses products and sums
    }

    [Theory]
    [InlineData(float.NaN, 0.1, "The gradient of conv.weight[1] is NaN.")]
    [InlineData(float.NegativeInfinity, 0.1, "The gradient of conv.weight[1] is -Infinity.")]
    [InlineData(1, 1e39, "moves conv.weight beyond float32.")]
    public void A_step_that_is_no_number_changes_nothing(float gradient, double rate, string message)
    {
        using DisposeScope scope = NewDisposeScope();
        using GraphModule module = One();
        var optimizer = new Sgd(module, new());
        Dictionary<string, TorchParameter> tensors = module.TrainedParameters.ToDictionary(item => item.Name, item => item.Tensor);
        tensors["conv.weight"].grad = tensor([1f, gradient, 1f], [1, 3, 1, 1]).clone();
        tensors["conv.bias"].grad = tensor([1f]).clone();

        Assert.Contains(message, Assert.Throws<WorkException>(() => optimizer.Step(rate)).Message);

        Assert.Equal([1, 2, 3], module.ToParameterSet()["conv.weight"]);
        Assert.Equal([4], module.ToParameterSet()["conv.bias"]);
        Assert.All(optimizer.ReadState().Values, values => Assert.All(values, value => Assert.Equal(0, value)));
    }

    [Fact]
    public void Momentum_is_taken_over_and_what_is_missing_starts_afresh()
    {
        using GraphModule module = One();
        var optimizer = new Sgd(module, new());
        optimizer.LoadState(new Dictionary<string, float[]> { ["momentum.conv.weight"] = [1, 2, 3], ["momentum.conv.bias"] = [4] });
        optimizer.LoadState(new Dictionary<string, float[]> { ["momentum.conv.weight"] = [5, 6, 7] });
        Assert.Equal([5, 6, 7], optimizer.ReadState()["momentum.conv.weight"]);
        Assert.Equal([0], optimizer.ReadState()["momentum.conv.bias"]);
        Assert.Throws<ArgumentException>(() => optimizer.LoadState(new Dictionary<string, float[]> { ["momentum.conv.bias"] = [1, 2] }));
    }

    private static GraphModule One()
    {
        Graph graph = GraphParser.Parse(
            """
            graph one
            %img = input() : 1x3x1x1
            %conv = conv2d(%img) in=3 out=1 kernel=1 stride=1 padding=0 groups=1 : 1x1x1x1
            output y = %conv
            """);
        return new GraphModule(graph, new ParameterSet { ["conv.weight"] = [1, 2, 3], ["conv.bias"] = [4] });
    }
}
