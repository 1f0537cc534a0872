using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

/// <summary>The real architecture with random values, float and annotated, and random images.</summary>
internal static class TestNetworks
{
    /// <summary>UNet-MobileNetV1-0.25 as its configuration builds it.</summary>
    public static Graph Training(int height, int width) => Segmentor.Training(
        new SegmentorOptions
        {
            Backbone = new() { Alpha = 0.25, Norm = new() { Eps = 2e-5f } },
            Neck = new() { Norm = new() { Eps = 2e-5f } },
            Head = new() { Norm = new() { Eps = 2e-5f } },
        },
        new TensorShape(1, 3, height, width));

    /// <summary>Starting values, with batch norms that do something.</summary>
    public static ParameterSet Parameters(Graph graph, int seed)
    {
        ParameterSet set = ParameterSet.Initialize(graph, (ulong)seed);
        var random = new Random(seed);
        foreach (Graphs.Parameter parameter in graph.Parameters)
        {
            (double low, double high) = parameter.Role switch
            {
                ParameterRole.Gamma => (0.5, 1.5),
                ParameterRole.Beta or ParameterRole.RunningMean => (-0.3, 0.3),
                ParameterRole.RunningVariance => (0.05, 0.5),
                _ => (0, 0),
            };
            if (high > 0)
            {
                set[parameter.Name] = [.. Enumerable.Range(0, parameter.Count).Select(_ => (float)(low + ((high - low) * random.NextDouble())))];
            }
        }

        return set;
    }

    /// <summary>The network without batch norms, fused and annotated: scales from one image, so that the int8 range is used and sometimes left.</summary>
    public static Network Annotated(int height, int width, int seed)
    {
        Graph fused = Fuse(Training(height, width));
        ParameterSet parameters = ParameterSet.Initialize(fused, (ulong)seed);
        var scales = new Dictionary<string, float>();
        using var module = new GraphModule(fused, parameters);
        module.eval();
        using Tensor image = Images(1, height, width, seed);
        using (no_grad())
        {
            foreach (Tensor output in module.ForwardTapped(image, (name, value) => scales[name] = Int8Arithmetic.ScaleFor(0.8f * value.abs().max().item<float>())))
            {
                output.Dispose();
            }
        }

        return new Network(Annotate(fused, parameters, scales), parameters);
    }

    /// <summary>Random int8 images as the network takes them, N×3×H×W.</summary>
    public static Tensor Images(int count, int height, int width, int seed) => BatchTensors.Images(ImageBytes(count, height, width, seed), count, height, width);

    /// <summary>Random int8 images, N×H×W×3.</summary>
    public static sbyte[] ImageBytes(int count, int height, int width, int seed)
    {
        TorchSetup.Initialize();
        var bytes = new byte[count * height * width * 3];
        new Random(seed).NextBytes(bytes);
        return [.. bytes.Select(value => (sbyte)value)];
    }

    private static Graph Annotate(Graph graph, ParameterSet parameters, Dictionary<string, float> scales)
    {
        var nodes = graph.Nodes.Select(node =>
        {
            float scale = node.Op switch
            {
                Input => Int8Arithmetic.ImageScale,
                Upsample2x => scales[node.Inputs[0]],
                _ => scales[node.Name],
            };
            QuantParams? weight = node.Op is Conv2d conv
                ? new([.. parameters[Conv2d.WeightName(node.Name)].Chunk(conv.FanIn).Select(channel => Int8Arithmetic.ScaleFor(0.95f * channel.Max(MathF.Abs)))])
                : null;
            return node with { Output = node.Output with { Quant = new(scale) }, WeightQuant = weight };
        });
        return new Graph(graph.Name, [.. nodes], graph.Outputs);
    }

    // conv [+ batch norm] [+ add] [+ relu] become one convolution; the batch norm's values are simply left out.
    private static Graph Fuse(Graph graph)
    {
        var nodes = new List<Node>();
        var renamed = new Dictionary<string, string>();
        foreach (Node node in graph.Nodes)
        {
            ImmutableArray<string> inputs = [.. node.Inputs.Select(name => renamed.GetValueOrDefault(name, name))];
            int source = inputs.Length == 0 ? -1 : nodes.FindIndex(earlier => earlier.Name == inputs[0]);
            switch (node.Op)
            {
                case BatchNorm2d:
                    break;
                case Relu:
                    nodes[source] = nodes[source] with { Op = (Conv2d)nodes[source].Op with { Relu = true } };
                    break;
                case Add:
                    nodes[source] = nodes[source] with { Op = (Conv2d)nodes[source].Op with { Residual = true }, Inputs = nodes[source].Inputs.Add(inputs[1]) };
                    break;
                default:
                    nodes.Add(node with { Inputs = inputs });
                    continue;
            }

            renamed[node.Name] = inputs[0];
        }

        return new Graph(graph.Name, [.. nodes], [.. graph.Outputs.Select(output => output with { Value = renamed.GetValueOrDefault(output.Value, output.Value) })]);
    }
}
