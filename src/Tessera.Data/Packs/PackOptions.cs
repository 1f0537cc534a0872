namespace Tessera.Data;

/// <summary>What to pack; the names are those of HAT's cityscapes_packer.</summary>
public sealed record PackOptions
{
    /// <summary>The folder that holds leftImg8bit and gtFine. Required.</summary>
    public required string SrcDataDir { get; init; }

    /// <summary>Where the pack's folder goes; default: <see cref="SrcDataDir"/>.</summary>
    public string TargetDataDir { get; init; } = "";

    /// <summary>train, val or test; default train.</summary>
    public string SplitName { get; init; } = "train";

    /// <summary>The kind of pack; lmdb is the only one, in any case of letters.</summary>
    public string PackType { get; init; } = "lmdb";

    /// <summary>Threads that decode and encode; 0 or less: one. Default: the number of processors.</summary>
    public int NumWorkers { get; init; } = Environment.ProcessorCount;

    /// <summary>Pack only the first so many samples; default null: all.</summary>
    public int? NumSamples { get; init; }
}

/// <summary>How far a packing run is.</summary>
/// <param name="Done">Samples written.</param>
/// <param name="Total">Samples to write.</param>
/// <param name="Bytes">Bytes written.</param>
public readonly record struct PackProgress(int Done, int Total, long Bytes);

/// <summary>A finished pack.</summary>
/// <param name="Path">Its folder, <c>{target}/{split}_lmdb</c>.</param>
/// <param name="Count">Number of records.</param>
/// <param name="Bytes">Size of its data file.</param>
public sealed record PackResult(string Path, int Count, long Bytes);
