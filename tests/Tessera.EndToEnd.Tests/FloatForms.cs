using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx;
using Tessera.Onnx.Tests;
using Tessera.TestKit;
using Tessera.Training;
using static TorchSharp.torch;

namespace Tessera.EndToEnd.Tests;

/// <summary>One float network in its three forms: plain loops, libtorch, ONNX.</summary>
internal static class FloatForms
{
    /// <summary>Passes when they give nearly the same numbers for a random image: libtorch in every layer, ONNX in every output.</summary>
    public static void AssertAllNear(Network network, int seed)
    {
        TensorShape shape = network.Graph.Input.Output.Shape;
        double[] image = RandomNetworks.Normalized(RandomNetworks.Image(shape.H, shape.W, seed));
        Dictionary<string, double[]> expected = FloatEvaluator.Run(network, image);
        using var module = new GraphModule(network.Graph, network.Parameters);
        module.eval();
        using Tensor images = tensor([.. image.Select(x => (float)x)], [1, 3, shape.H, shape.W]);
        using (no_grad())
        {
            Array.ForEach(module.ForwardTapped(images, (name, values) => Near(network.Graph, name, expected[name], values)), output => output.Dispose());
        }

        using var model = new OrtModel(stream => FloatOnnxWriter.Write(network, IntegerForms.Metadata, stream));
        Dictionary<string, float[]> onnx = model.Run<float>([.. image.Select(x => (float)x)]);
        foreach (GraphOutput output in network.Graph.Outputs)
        {
            Near(network.Graph, output.Value, expected[output.Value], onnx[output.Name]);
        }
    }

    private static void Near(Graph graph, string name, double[] expected, Tensor actual)
    {
        using Tensor numbers = actual.to_type(ScalarType.Float32);
        Near(graph, name, expected, numbers.data<float>().ToArray());
    }

    // float32 against double through some ten layers: rounding of about 1e-7 each, times sums of some hundred terms.
    private static void Near(Graph graph, string name, double[] expected, float[] actual)
    {
        if (graph[name].Op is ArgMax)
        {
            return; // equal logits but for rounding may have another largest one
        }

        double range = Math.Max(1, expected.Max(Math.Abs));
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 2e-5 * range, $"{graph.Name}: {name} is {actual[i]} where {expected[i]} is right (element {i}).");
        }
    }
}
