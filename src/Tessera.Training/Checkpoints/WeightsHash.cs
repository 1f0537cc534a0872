using System.Security.Cryptography;
using System.Text;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>
/// Tells checkpoints apart by what they compute: the SHA-256 of names, types, shapes and values of their parameters and scales. Metadata and
/// the optimizer's state do not count, so the best and the last checkpoint of one epoch have the same hash.
/// </summary>
internal static class WeightsHash
{
    /// <summary>The hash of a checkpoint's tensors, 64 lower-case hexadecimal digits.</summary>
    public static string Of(SafetensorsFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SafetensorsTensor tensor in file.Tensors
            .Where(tensor => !tensor.Name.StartsWith(CheckpointFile.OptimizerPrefix, StringComparison.Ordinal))
            .OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Name}\n{tensor.ElementType}\n{string.Join(',', tensor.Shape)}\n"));
            hash.AppendData(tensor.Data);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
