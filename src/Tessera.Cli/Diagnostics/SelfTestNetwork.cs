using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Onnx;
using Tessera.Training;

namespace Tessera.Cli.Diagnostics;

/// <summary>The network of the self-test: the real architecture, small, with seeded random parameters; the same in every process.</summary>
internal static class SelfTestNetwork
{
    /// <summary>Rows and columns of an image: the smallest that the coarsest stride allows.</summary>
    public const int Size = 64;

    /// <summary>Number of images: one random, one whose sums are as large as they get.</summary>
    public const int ImageCount = 2;

    private const int Seed = 20;

    /// <summary>What the network's ONNX form says of itself.</summary>
    public static OnnxMetadata OnnxMetadata => new(CheckpointFile.ThisVersion, "qat", [.. ClassTable.Cityscapes.Classes.Select(entry => entry.Name)]);

    /// <summary>The annotated training network.</summary>
    public static Network Create()
    {
        var model = new Segmentor { Backbone = new MobileNetV1Options { Alpha = 0.25 } };
        return SeededNetwork.Annotated(SeededNetwork.Float(model.TrainingGraph(new TensorShape(1, 3, Size, Size)), Seed));
    }

    /// <summary>The images one after another, Size·Size·3 int8 values each, interleaved.</summary>
    public static sbyte[] Images()
    {
        var random = new byte[Size * Size * 3];
        new Random(Seed).NextBytes(random);
        IEnumerable<sbyte> extremes = Enumerable.Range(0, random.Length).Select(i => ((i / 3) + (i / 3 / Size) + (i % 3)) % 2 == 0 ? sbyte.MinValue : sbyte.MaxValue);
        return [.. random.Select(value => (sbyte)value), .. extremes];
    }
}
