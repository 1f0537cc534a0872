using Tessera.Cli.Configuration;
using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>The images of a configuration, opened for one use.</summary>
internal sealed class DataSource : IDisposable
{
    private readonly SegmentationDataset _dataset;

    private DataSource(TesseraConfig config, DataLoaderConfig data, LoaderOptions options)
    {
        _dataset = SegmentationDataset.Open(data.Dataset.DataPath);
        Batches = new LoaderSource(new BatchLoader(_dataset, options with
        {
            Workers = data.NumWorkers == 0 ? Environment.ProcessorCount : data.NumWorkers,
            Seed = config.Seed,
            Height = config.InputHeight,
            Width = config.InputWidth,
            Swing = data.Transforms.Swing,
        }));
    }

    /// <summary>The batches.</summary>
    public IBatchSource Batches { get; }

    /// <inheritdoc cref="SegmentationDataset.Identity"/>
    public string Identity => _dataset.Identity;

    /// <summary>Passes when the pack has the configuration's classes in the same order; a pack without a manifest does not say them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="trustData">The user wants it used all the same.</param>
    /// <returns>The same source.</returns>
    /// <exception cref="Core.BadFileException">The names or their order differ.</exception>
    public DataSource RequireClasses(TesseraConfig config, bool trustData)
    {
        if (!trustData && _dataset.Metadata?.Manifest is { } manifest && ClassAgreement.Difference(config, $"the pack {_dataset.Path}", [.. manifest.Classes.Classes.Select(entry => entry.Name)]) is { } difference)
        {
            Dispose();
            throw new Core.BadFileException($"The labels of {_dataset.Path} cannot be compared with this network: {difference}. Give the class file with which it was packed as 'classes', pack the data with the configuration's classes, or say --trust-data.");
        }

        return this;
    }

    /// <summary>Training: augmented, with a label for every stride.</summary>
    /// <exception cref="Core.BadFileException">The pack is missing or damaged.</exception>
    public static DataSource ForTraining(TesseraConfig config) => new(config, config.DataLoader, new LoaderOptions
    {
        BatchSize = config.DataLoader.BatchSize,
        Shuffle = config.DataLoader.Shuffle,
        Augmentations = config.DataLoader.Transforms.Affine is { } affine
            ? [new SegRandomAffine(new SegRandomAffineOptions { MinScale = affine.MinScale, MaxScale = affine.MaxScale, PerImage = affine.PerImage })]
            : [],
        StrideLabels = true,
    });

    /// <summary>Calibration: training images prepared as for validation, as HAT does it.</summary>
    /// <exception cref="Core.BadFileException">The pack is missing or damaged.</exception>
    public static DataSource ForCalibration(TesseraConfig config) => new(config, config.DataLoader, new LoaderOptions
    {
        BatchSize = config.DataLoader.BatchSize,
        Shuffle = config.DataLoader.Shuffle,
    });

    /// <summary>Validation.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="size">The size at which labels are compared.</param>
    /// <param name="batchSize">Images in a batch; null for the configuration's. It changes no result.</param>
    /// <exception cref="Core.BadFileException">The pack is missing or damaged.</exception>
    public static DataSource ForValidation(TesseraConfig config, EvalSize size, int? batchSize = null) => new(config, config.ValDataLoader, new LoaderOptions
    {
        BatchSize = batchSize ?? config.ValDataLoader.BatchSize,
        Shuffle = config.ValDataLoader.Shuffle,
        KeepOriginalLabel = size == EvalSize.Original,
    });

    /// <inheritdoc/>
    public void Dispose() => _dataset.Dispose();
}
