namespace Tessera.Synthetic;

/// <summary>A data set of synthetic streets to write.</summary>
public sealed record SyntheticOptions
{
    /// <summary>The most scenes of one split.</summary>
    public const int MostScenes = 999_999;

    /// <summary>The folder that will hold leftImg8bit and gtFine; absent or empty before. Required.</summary>
    public required string TargetDir { get; init; }

    /// <summary>Scenes of the training split, 1..999999.</summary>
    public int NumTrain { get; init; } = 200;

    /// <summary>Scenes of the validation split, 1..999999.</summary>
    public int NumVal { get; init; } = 50;

    /// <summary>Rows, 64 to 4096.</summary>
    public int Height { get; init; } = 256;

    /// <summary>Columns, 64 to 4096.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Seed of the whole data set.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads that draw and encode; 0 or less: one. Default: the number of processors. The files do not depend on it.</summary>
    public int NumWorkers { get; init; } = Environment.ProcessorCount;
}

/// <summary>How far a run is.</summary>
/// <param name="Done">Scenes written.</param>
/// <param name="Total">Scenes to write.</param>
/// <param name="Bytes">Bytes written.</param>
public readonly record struct SyntheticProgress(int Done, int Total, long Bytes);

/// <summary>A finished data set.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="NumTrain">Scenes of the training split.</param>
/// <param name="NumVal">Scenes of the validation split.</param>
/// <param name="Bytes">Size of all files.</param>
public sealed record SyntheticResult(string Path, int NumTrain, int NumVal, long Bytes)
{
    /// <summary>Unfinished folders beside it that nobody is known to write and that could not be removed: another user's.</summary>
    public IReadOnlyList<string> LeftBehind { get; init; } = [];
}
