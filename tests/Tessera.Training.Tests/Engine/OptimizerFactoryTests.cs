using Tessera.Graphs;
using Tessera.TestKit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class OptimizerFactoryTests
{
    public OptimizerFactoryTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Fact]
    public void Weights_and_gammas_decay_biases_and_betas_do_not()
    {
        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        using var module = new GraphModule(graph, ParameterSet.Initialize(graph, 1));
        using SGD optimizer = OptimizerFactory.Sgd(module, new());
        SGD.ParamGroup[] groups = [.. optimizer.ParamGroups.Cast<SGD.ParamGroup>()];
        Assert.Equal(2, groups.Length);
        Assert.Equal(5e-3, ((SGD.Options)groups[0].Options).weight_decay);
        Assert.Equal(0, ((SGD.Options)groups[1].Options).weight_decay);
        Assert.Equal(140, groups[0].Parameters.Count());
        Assert.Equal(140, groups[1].Parameters.Count());
        Assert.All(groups, group => Assert.Equal(0.01, group.LearningRate));
    }

    [Fact]
    public void Two_steps_follow_the_formula_of_momentum_and_decay()
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
        using SGD optimizer = OptimizerFactory.Sgd(module, new() { LearningRate = 0.1, Momentum = 0.5, WeightDecay = 0.2 });
        Tensor images = tensor([1f, 0.5f, -0.25f], [1, 3, 1, 1]);
        double[] weight = [1, 2, 3], gradient = [1, 0.5, -0.25], momentum = new double[3];
        double bias = 4, biasMomentum = 0;
        for (int step = 0; step < 2; step++)
        {
            optimizer.zero_grad();
            module.Forward(images)[0].sum().backward();
            optimizer.step();
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
    }
}
