namespace Tessera.Data;

/// <summary>How thoroughly a <see cref="DatasetCheck"/> looks.</summary>
public sealed record DatasetCheckOptions
{
    /// <summary>The splits to check; default null: all that exist.</summary>
    public IReadOnlyList<string>? Splits { get; init; }

    /// <summary>Threads that decode; 0 or less: one. Default: the number of processors.</summary>
    public int NumWorkers { get; init; } = Environment.ProcessorCount;

    /// <summary>Check only the first so many samples of each split; default null: all.</summary>
    public int? NumSamples { get; init; }

    /// <summary>Whether to look for images that are nearly equal across splits, such as neighbouring frames. Default false.</summary>
    public bool NearDuplicates { get; init; }

    /// <summary>The number of files that one finding names, at least 1. Default 20.</summary>
    public int MaxFiles { get; init; } = 20;

    /// <summary>A split of which more than this share is ignored gets a warning. Default 0.5.</summary>
    public double MostIgnored { get; init; } = 0.5;

    /// <summary>Image and label files of more pixels are an error (<c>--max-megapixels</c>), see <see cref="ImageLimit"/>; default 100.</summary>
    public int MaxMegapixels { get; init; } = ImageLimit.DefaultMegapixels;

    /// <summary>The names of the classes by train id that packs must have; default null: whatever they say.</summary>
    public IReadOnlyList<string>? Classes { get; init; }
}

/// <summary>How far a check is.</summary>
/// <param name="Split">The split in work.</param>
/// <param name="Done">Samples checked, all splits together.</param>
/// <param name="Total">Samples to check.</param>
public readonly record struct CheckProgress(string Split, int Done, int Total);
