using Tessera.Cli.Configuration;
using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>The images of a configuration, opened for one use.</summary>
internal sealed class DataSource : IDisposable
{
    private readonly SegmentationDataset _dataset;

    private DataSource(DataLoaderConfig data, LoaderOptions options)
    {
        _dataset = SegmentationDataset.Open(data.Dataset.DataPath);
        Batches = new LoaderSource(new BatchLoader(_dataset, options));
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

    /// <inheritdoc cref="LibraryOptions.TrainingLoader"/>
    /// <exception cref="Core.BadFileException">The pack is missing or damaged.</exception>
    public static DataSource ForTraining(TesseraConfig config) => new(config.DataLoader, LibraryOptions.TrainingLoader(config));

    /// <inheritdoc cref="LibraryOptions.CalibrationLoader"/>
    /// <exception cref="Core.BadFileException">The pack is missing or damaged.</exception>
    public static DataSource ForCalibration(TesseraConfig config) => new(config.DataLoader, LibraryOptions.CalibrationLoader(config));

    /// <inheritdoc cref="LibraryOptions.ValidationLoader"/>
    /// <exception cref="Core.BadFileException">The pack is missing or damaged.</exception>
    public static DataSource ForValidation(TesseraConfig config, EvalSize size, int? batchSize = null) =>
        new(config.ValDataLoader, LibraryOptions.ValidationLoader(config, size, batchSize));

    /// <summary>Validation images one by one, drawn in an order that the seed decides, so that the first few are like all.</summary>
    /// <exception cref="Core.BadFileException">The pack is missing or damaged.</exception>
    public static DataSource ForAnalysis(TesseraConfig config, EvalSize size) =>
        new(config.ValDataLoader, LibraryOptions.ValidationLoader(config, size, batchSize: 1) with { Shuffle = true });

    /// <inheritdoc/>
    public void Dispose() => _dataset.Dispose();
}
