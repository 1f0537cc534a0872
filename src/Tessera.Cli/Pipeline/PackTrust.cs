using Tessera.Cli.Configuration;
using Tessera.Data;

namespace Tessera.Cli.Pipeline;

/// <summary>Keeps a data set that is visibly wrong from being trained.</summary>
internal static class PackTrust
{
    /// <summary>What is odd about the configuration's packs and no reason not to use them, in whole sentences.</summary>
    /// <exception cref="Core.BadFileException">A pack is missing or damaged.</exception>
    public static IEnumerable<string> Remarks(TesseraConfig config)
    {
        foreach ((string key, DatasetConfig data) in new[] { ("data_loader", config.DataLoader.Dataset), ("val_data_loader", config.ValDataLoader.Dataset) })
        {
            using SegmentationDataset? pack = data.NumSamples is null ? null : SegmentationDataset.Open(data.DataPath);
            if (pack is not null && pack.Count != data.NumSamples)
            {
                yield return $"{key}.dataset.num_samples is {data.NumSamples}, and the pack {data.DataPath} has {pack.Count} samples: all of these are used.";
            }
        }
    }

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
