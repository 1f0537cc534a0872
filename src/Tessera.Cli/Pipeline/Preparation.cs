using System.Collections.Immutable;
using Tessera.Cli.Configuration;
using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Whether calibration prepares its images as the float training did.</summary>
internal static class Preparation
{
    private const string Transforms = "data_loader.transforms.";

    private static readonly string[] Augments = [.. Augmentations.Table.Recipes.Select(recipe => $"{recipe.Name}.")];

    /// <summary>What is different, in a whole sentence; nothing where all is the same, or where the checkpoint has no configuration.</summary>
    /// <param name="config">The configuration of now.</param>
    /// <param name="trained">The float checkpoint.</param>
    /// <exception cref="Core.BadFileException">The checkpoint's configuration cannot be read.</exception>
    public static ImmutableArray<string> Problems(TesseraConfig config, Checkpoint trained)
    {
        if (trained.Run.Config.Length == 0)
        {
            return [];
        }

        string path = new CheckpointStore(config.CkptDir, TrainingStage.Float).BestPath;
        string[] differences = [.. ResumeDifferences.Of(config, ImmutableDictionary<string, string>.Empty, TrainingStage.Float, trained.Run, path)
            .Where(text => text.StartsWith(Transforms, StringComparison.Ordinal) && !Augments.Any(name => text[Transforms.Length..].StartsWith(name, StringComparison.Ordinal)))]; // what augments is not for calibration
        return differences.Length == 0 ? [] : [$"Its images are prepared otherwise than those of the training of {path}: {string.Join("; ", differences)}."];
    }
}
