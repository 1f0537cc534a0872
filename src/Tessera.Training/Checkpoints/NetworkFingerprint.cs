using System.Security.Cryptography;
using System.Text;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;

namespace Tessera.Training;

/// <summary>Tells networks apart: the SHA-256 of a training graph's text, the same for every batch size, image size and stage.</summary>
public static class NetworkFingerprint
{
    /// <summary>The fingerprint of a float training graph as 64 lower-case hexadecimal digits.</summary>
    /// <param name="training">The float training graph, also for the checkpoints of calibration and QAT, which come from it.</param>
    public static string Of(Graph training)
    {
        // How weights start says nothing about which weights fit.
        Graph bare = training.Rewrite((node, _) => node with
        {
            Op = node.Op is Conv2d conv ? conv with { Init = default } : node.Op,
            Output = node.Output with { Quant = null },
            WeightQuant = null,
        });
        (int height, int width) = InputStep.Of(bare);
        string text = GraphText.Print(bare.WithInputShape(new TensorShape(1, training.Input.Output.Shape.C, AtLeast64(height), AtLeast64(width))));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The smallest multiple of a step that is no smaller than 64, where kernels without padding fit.</summary>
    private static int AtLeast64(int step) => (63 + step) / step * step;
}
