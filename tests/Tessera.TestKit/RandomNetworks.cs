using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;

namespace Tessera.TestKit;

/// <summary>The real architecture with random parameters, batch-norm statistics included, and random int8 images.</summary>
public static class RandomNetworks
{
    /// <summary>The options of HAT's example: alpha 0.25, base 8, eps 2e-5.</summary>
    public static Segmentor HatOptions(int classes = 19)
    {
        var norm = new BatchNormOptions { Eps = 2e-5f };
        return new Segmentor
        {
            Backbone = new MobileNetV1Options { Alpha = 0.25, Norm = norm },
            Neck = new DwUnetOptions { Norm = norm },
            Head = new SegHeadOptions { NumClasses = classes, Norm = norm },
        };
    }

    /// <summary>A training network whose activations keep a useful range through all layers.</summary>
    public static Network Training(int height, int width, ulong seed, int classes = 19, int batch = 1)
    {
        Graph graph = HatOptions(classes).TrainingGraph(new TensorShape(batch, 3, height, width));
        return new Network(graph, ParameterSet.InitializeAsTrained(graph, seed));
    }

    /// <summary>A random int8 image, H×W×3, that holds both ends of the range.</summary>
    public static sbyte[] Image(int height, int width, int seed)
    {
        var bytes = new byte[height * width * 3];
        new Random(seed).NextBytes(bytes);
        bytes[0] = 0x80;
        bytes[^1] = 0x7F;
        return (sbyte[])(object)bytes;
    }

    /// <summary>The normalised N×C×H×W form (q / 128) of an H×W×3 image.</summary>
    public static double[] Normalized(sbyte[] image)
    {
        int pixels = image.Length / 3;
        var planes = new double[image.Length];
        for (int i = 0; i < image.Length; i++)
        {
            planes[(i % 3 * pixels) + (i / 3)] = image[i] / 128.0;
        }

        return planes;
    }
}
