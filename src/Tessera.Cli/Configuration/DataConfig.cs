using System.Collections.Immutable;
using Tessera.Data;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>A <c>data_loader</c> section: where the images are, how they are batched and prepared.</summary>
public sealed record DataLoaderConfig
{
    /// <summary>The data sets that a configuration can name.</summary>
    internal static readonly RecipeTable<DatasetConfig> Datasets = new("dataset", new Recipe<DatasetConfig>("Cityscapes", DatasetConfig.Read, "CityscapesFromLMDB"));

    /// <summary>Where the samples are.</summary>
    public required DatasetConfig Dataset { get; init; }

    /// <summary>Images in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Threads that decode and prepare images; 0 takes as many as there are cores.</summary>
    public required int NumWorkers { get; init; }

    /// <summary>A new order in every epoch.</summary>
    public required bool Shuffle { get; init; }

    /// <summary>How images and labels are prepared.</summary>
    public required TransformsConfig Transforms { get; init; }

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="network">What the network decides: its input's size bounds the batch.</param>
    /// <param name="isTraining">Whether its images are trained on.</param>
    internal static DataLoaderConfig Read(ConfigSection section, NetworkFacts network, bool isTraining)
    {
        section.Settled("type", "Tessera always reads packs with its own loader.", "DataLoader");
        section.Settled("sampler", "Tessera always takes each image once in an epoch; `shuffle` and `seed` decide the order.", "{type: DistributedSampler}", "null");
        section.Settled("drop_last", "Tessera always trains on the last batch of an epoch too.", "false");
        section.Idle("pin_memory"); // for copies to a GPU
        return new DataLoaderConfig
        {
            Dataset = section.Section("dataset").Typed(Datasets, "Cityscapes"),
            BatchSize = ReadBatchSize(section, network.InputSize, isTraining ? 4 : 1),
            NumWorkers = section.Int("num_workers", 0, 0, 256),
            Shuffle = section.Flag("shuffle", isTraining),
            Transforms = TransformsConfig.Read(section, network, isTraining),
        };
    }

    private static int ReadBatchSize(ConfigSection section, ImmutableArray<int> inputSize, int missing)
    {
        int size = section.Int("batch_size", missing, 1, 1024), most = LoaderOptions.MostBatchSize(Math.Max(1, inputSize[0]), Math.Max(1, inputSize[1]));
        if (size > most)
        {
            section.Report("batch_size", $"is {size}; a batch of images of input_size [{inputSize[0]}, {inputSize[1]}] has at most {most}.");
        }

        return size;
    }
}

/// <summary>A <c>dataset</c> section.</summary>
/// <param name="DataPath">A pack made by <c>tessera pack</c>, or by HAT; relative to the current folder.</param>
/// <param name="NumSamples">How many samples the pack is said to have; null when nothing is said.</param>
public sealed record DatasetConfig(string DataPath, int? NumSamples)
{
    /// <summary>Reads the section.</summary>
    internal static DatasetConfig Read(IKeyReader keys)
    {
        keys.Settled("transforms", "Tessera always decodes the images of a pack here; what changes them stands in data_loader.transforms.", "[{type: PILToTensor}]", "[]");
        return new DatasetConfig(keys.Text("data_path"), keys.Has("num_samples") ? keys.Int("num_samples", null, 1) : null);
    }
}
