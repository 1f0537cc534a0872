using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;
using Tessera.Training;
using TorchSharp;
using static TorchSharp.torch;
using Conv2d = Tessera.Graphs.Conv2d;

namespace Tessera.Benchmarks.TrainingStep;

/// <summary>What a step computes.</summary>
internal enum StepKind
{
    /// <summary>Forward, loss, backward and SGD of the float network.</summary>
    Float,

    /// <summary>The same of the quantized network.</summary>
    Qat,

    /// <summary>Forward of the float network in eval mode, no gradients.</summary>
    Eval,
}

/// <summary>One step on random images and labels.</summary>
internal sealed class Step : IDisposable
{
    private static readonly int[] Strides = [4, 8, 16, 32, 64];

    private readonly StepKind _kind;
    private readonly GraphModule _module;
    private readonly Sgd _optimizer;
    private readonly FocalLoss _loss;
    private readonly Tensor _images;
    private readonly Tensor[] _labels;

    /// <summary>Builds the network.</summary>
    public Step(StepKind kind, TensorShape shape, int threads)
    {
        TorchSetup.Initialize(new() { Threads = threads });
        _kind = kind;
        var random = new Random(0);
        var pixels = new byte[shape.Count];
        random.NextBytes(pixels);
        _images = BatchTensors.Images((sbyte[])(object)pixels, shape.N, shape.H, shape.W);
        _labels = [.. Strides.Select(stride => BatchTensors.Labels(
            [.. Enumerable.Range(0, shape.N * (shape.H / stride) * (shape.W / stride)).Select(_ => (byte)random.Next(19))], shape.N, shape.H / stride, shape.W / stride))];
        var norm = new BatchNormOptions { Eps = 2e-5f };
        Graph graph = new Segmentor() { Backbone = new() { Alpha = 0.25, Norm = norm }, Neck = new() { Norm = norm }, Head = new() { Norm = norm } }.TrainingGraph(shape);
        var network = new Network(graph, ParameterSet.Initialize(graph, 1));
        network = kind == StepKind.Qat ? Annotated(network) : network;
        _module = new GraphModule(network.Graph, network.Parameters);
        _module.train(kind != StepKind.Eval);
        _optimizer = new Sgd(_module, new());
        _loss = new FocalLoss(new(), Strides);
    }

    /// <summary>Runs one step and returns its loss, or 0 in eval mode.</summary>
    public float Run()
    {
        using DisposeScope scope = NewDisposeScope();
        if (_kind == StepKind.Eval)
        {
            using IDisposable mode = no_grad();
            return _module.Forward(_images)[0].shape[0] == _images.shape[0] ? 0 : float.NaN;
        }

        Tensor loss = _loss.Forward(_module.Forward(_images), _labels);
        _optimizer.ZeroGradients();
        loss.backward();
        _optimizer.Step(0.01);
        return loss.item<float>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _module.Dispose();
        _images.Dispose();
        foreach (Tensor labels in _labels)
        {
            labels.Dispose();
        }
    }

    // Scales from one batch: enough for a benchmark.
    private Network Annotated(Network network)
    {
        Network prepared = QuantizationPreparation.Prepare(network);
        using var module = new GraphModule(prepared.Graph, prepared.Parameters);
        using IDisposable mode = no_grad();
        var activations = new Dictionary<string, float>();
        foreach (Tensor output in module.ForwardTapped(_images, (name, value) => activations[name] = Int8Arithmetic.ScaleFor(value.abs().max().item<float>())))
        {
            output.Dispose();
        }

        var weights = prepared.Graph.Nodes.Where(node => node.Op is Conv2d).ToDictionary(node => node.Name, node => new QuantParams(
            [.. prepared.Parameters[Conv2d.WeightName(node.Name)].Chunk(((Conv2d)node.Op).FanIn).Select(channel => Int8Arithmetic.ScaleFor(channel.Max(MathF.Abs)))]));
        return prepared with { Graph = new ScaleTable(activations, weights).Annotate(prepared.Graph) };
    }
}
