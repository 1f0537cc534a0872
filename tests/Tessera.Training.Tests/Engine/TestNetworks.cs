using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.TestKit;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

/// <summary>Annotated forms of the real architecture, and images as tensors.</summary>
internal static class TestNetworks
{
    /// <summary>The prepared network with scales from one image, narrow enough that values also leave the int8 range.</summary>
    public static Network Annotated(int height, int width, int seed)
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(height, width, (ulong)seed));
        var activations = new Dictionary<string, float>();
        using var module = new GraphModule(prepared.Graph, prepared.Parameters);
        module.eval();
        using Tensor image = Images(1, height, width, seed);
        using (no_grad())
        {
            foreach (Tensor output in module.ForwardTapped(image, (name, value) => activations[name] = Int8Arithmetic.ScaleFor(0.6f * value.abs().max().item<float>())))
            {
                output.Dispose();
            }
        }

        var weights = prepared.Graph.Nodes.Where(node => node.Op is Conv2d).ToDictionary(node => node.Name, node => new QuantParams(
            [.. prepared.Parameters[Conv2d.WeightName(node.Name)].Chunk(((Conv2d)node.Op).FanIn).Select(channel => Int8Arithmetic.ScaleFor(0.95f * channel.Max(MathF.Abs)))]));
        return prepared with { Graph = new ScaleTable(activations, weights).Annotate(prepared.Graph) };
    }

    /// <summary>Random int8 images as the network takes them, N×3×H×W.</summary>
    public static Tensor Images(int count, int height, int width, int seed) =>
        BatchTensors.Images([.. Enumerable.Range(0, count).SelectMany(i => RandomNetworks.Image(height, width, seed + i))], count, height, width);
}
