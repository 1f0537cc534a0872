using Tessera.Cli.Configuration;
using Tessera.Data;

namespace Tessera.Cli.Pipeline;

/// <summary>Keeps a data set that is visibly wrong from being trained.</summary>
internal static class PackTrust
{
    /// <summary>Passes when no manifest of the configuration's packs shows an error.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="trustData">The user wants to train all the same.</param>
    /// <exception cref="Core.BadFileException">A pack is missing or damaged, or its manifest shows an error.</exception>
    public static void Require(TesseraConfig config, bool trustData)
    {
        foreach (DataLoaderConfig loader in new[] { config.DataLoader, config.ValDataLoader })
        {
            using SegmentationDataset pack = SegmentationDataset.Open(loader.Dataset.DataPath);
            ManifestVerdict.Of(pack, config.ClassNames, isTraining: loader == config.DataLoader).Require(trustData);
        }
    }
}
