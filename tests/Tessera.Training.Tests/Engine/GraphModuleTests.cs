using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class GraphModuleTests
{
    [Fact]
    public void Forward_runs()
    {
        TorchSetup.Initialize();
        var options = new SegmentorOptions { Backbone = new() { Alpha = 0.25 } };
        Graph graph = Segmentor.Training(options, new TensorShape(1, 3, 64, 64));
        using var module = new GraphModule(graph, ParameterSet.Initialize(graph, 1));
        var loss = new FocalLoss(new(), Segmentor.Strides(graph));
        using var opt = OptimizerFactory.Sgd(module, new());
        using var x = torch.randn(2, 3, 64, 64);
        for (int i = 0; i < 20; i++)
        {
            using var scope = NewDisposeScope();
            Tensor[] y = module.Forward(x);
            Tensor l = loss.Forward(y, [.. y.Select(t => torch.ones([2, t.shape[2], t.shape[3]], ScalarType.Int64))]);
            opt.zero_grad();
            l.backward();
            opt.step();
            Console.WriteLine(l.item<float>());
        }
        Assert.Equal(280, module.TrainedParameters.Count());
        Assert.Equal(280, module.named_parameters().Count());
    }
}
