using System.Security.Cryptography;
using System.Text;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>Tells networks apart: the SHA-256 of a training graph's text, the same for every batch size, image size and stage.</summary>
public static class NetworkFingerprint
{
    /// <summary>The fingerprint of a float training graph as 64 lower-case hexadecimal digits.</summary>
    /// <param name="training">The float training graph, also for the checkpoints of calibration and QAT, which come from it.</param>
    public static string Of(Graph training)
    {
        // How weights start says nothing about which weights fit.
        Graph bare = training.Rewrite((node, _) => node.Op is Conv2d conv ? node with { Op = conv with { Init = default } } : node);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(GraphText.PrintStructure(bare))));
    }
}
