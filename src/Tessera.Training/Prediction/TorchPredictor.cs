using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>Sees what a node of a network made of one image.</summary>
/// <param name="node">Its name.</param>
/// <param name="shape">1×C×H×W.</param>
/// <param name="planes">The values, C×H×W.</param>
public delegate void NodeTap(string node, TensorShape shape, ReadOnlySpan<float> planes);

/// <summary>Predicts with a stage's network on libtorch: float, or the integer arithmetic where the network is annotated. Not safe for concurrent calls.</summary>
public sealed class TorchPredictor : ISegmentationPredictor, IDisposable
{
    private readonly GraphModule _module;

    /// <summary>Creates a predictor of a checkpoint's network, or of any network in training or deploy form.</summary>
    /// <param name="network">The network; from a training graph the deploy graph is made.</param>
    public TorchPredictor(Network network)
    {
        TorchSetup.Initialize();
        _module = new GraphModule(DeployForm(network.Graph), network.Parameters);
        _module.eval();
    }

    /// <summary>Creates a predictor that shares the tensors of a module in training, and so always predicts with its present weights.</summary>
    /// <param name="trained">The module; it must outlive the predictor.</param>
    public TorchPredictor(GraphModule trained)
    {
        _module = new GraphModule(DeployForm(trained.Graph), trained);
        _module.eval();
    }

    /// <summary>The deploy graph that is executed.</summary>
    public Graph Graph => _module.Graph;

    /// <inheritdoc/>
    public ClassMaps Predict(sbyte[] images, int count, int height, int width)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor input = BatchTensors.Images(images, count, height, width);
        Tensor map = _module.Forward(input)[0].to_type(ScalarType.Byte).contiguous();
        return new ClassMaps(map.bytes.ToArray(), (int)map.shape[2], (int)map.shape[3]);
    }

    /// <summary>The int8 logits from which the class map is taken; what every other runner of the same network must give in every element.</summary>
    /// <param name="images">As for <see cref="Predict"/>.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="height">Rows of each image.</param>
    /// <param name="width">Columns of each image.</param>
    /// <returns>count·h·w·classes int8 values, interleaved.</returns>
    /// <exception cref="InvalidOperationException">The network is a float one.</exception>
    public sbyte[] PredictLogits(sbyte[] images, int count, int height, int width)
    {
        Node argMax = Graph[Graph.Outputs[0].Value];
        string logits = argMax.Inputs[0];
        if (Graph.ValueOf(logits).Quant is null)
        {
            throw new InvalidOperationException("A float network has no int8 logits.");
        }

        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        sbyte[] result = [];
        _module.ForwardTapped(BatchTensors.Images(images, count, height, width), (name, values) =>
        {
            if (name == logits)
            {
                using Tensor interleaved = values.permute(0, 2, 3, 1);
                using Tensor bytes = interleaved.to_type(ScalarType.Int8);
                using Tensor contiguous = bytes.contiguous();
                result = MemoryMarshal.Cast<byte, sbyte>(contiguous.bytes).ToArray();
            }
        });
        return result;
    }

    /// <summary>Predicts one image and shows every node.</summary>
    /// <param name="image">height·width·3 int8 values, as for <see cref="Predict"/>.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="tap">Gets each node's name, its shape and its values as planes, C×H×W: real numbers of a float network, integers of an annotated one, class ids. They live during the call only.</param>
    public void PredictTapped(sbyte[] image, int height, int width, NodeTap tap)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _module.ForwardTapped(BatchTensors.Images(image, 1, height, width), (name, values) =>
        {
            using Tensor floats = values.to_type(ScalarType.Float32);
            tap(name, new TensorShape(1, (int)values.shape[1], (int)values.shape[2], (int)values.shape[3]), MemoryMarshal.Cast<byte, float>(floats.bytes));
        });
    }

    /// <summary>Follows the module in training to other weight scales.</summary>
    /// <param name="annotated">The graph that the module executes now.</param>
    internal void Rescale(Graph annotated) => _module.Rescale(DeployForm(annotated));

    /// <inheritdoc/>
    public void Dispose() => _module.Dispose();

    private static Graph DeployForm(Graph graph) =>
        graph.Outputs.Length == 1 && graph[graph.Outputs[0].Value].Op is ArgMax ? graph : DeployGraph.Of(graph);
}
