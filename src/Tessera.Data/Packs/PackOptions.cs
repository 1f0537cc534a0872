namespace Tessera.Data;

/// <summary>What to pack; the names are those of HAT's cityscapes_packer.</summary>
public sealed record PackOptions
{
    /// <summary>The data set's folder. Required.</summary>
    public required string SrcDataDir { get; init; }

    /// <summary>Where images and labels lie and what labels mean; default null: Cityscapes in <see cref="SrcDataDir"/>.</summary>
    public SegmentationLayout? Layout { get; init; }

    /// <summary>Where the pack's folder goes; default: <see cref="SrcDataDir"/>.</summary>
    public string TargetDataDir { get; init; } = "";

    /// <summary>The split; for Cityscapes train, val or test. Default train.</summary>
    public string SplitName { get; init; } = "train";

    /// <summary>The kind of pack; lmdb is the only one, in any case of letters.</summary>
    public string PackType { get; init; } = "lmdb";

    /// <summary>Threads that decode and encode; 0 or less: one. Default: the number of processors.</summary>
    public int NumWorkers { get; init; } = Environment.ProcessorCount;

    /// <summary>Pack only the first so many samples; default null: all.</summary>
    public int? NumSamples { get; init; }

    /// <summary>How images are stored (<c>--image-codec png|jpeg|raw|lz4</c>); default PNG, which HAT writes.</summary>
    public ImageCodec ImageCodec { get; init; } = ImageCodec.Png;

    /// <summary>Quality of JPEG images, 1 to 100; default 95.</summary>
    public int JpegQuality { get; init; } = 95;

    /// <summary>Resize to this size while packing (<c>--resize H,W</c>): training at that size then gets the same batches and decodes less. Default null: no.</summary>
    public PackSize? Resize { get; init; }

    /// <summary>Images and labels of more pixels are an error (<c>--max-megapixels</c>), see <see cref="ImageLimit"/>; default 100.</summary>
    public int MaxMegapixels { get; init; } = ImageLimit.DefaultMegapixels;
}

/// <summary>How far a packing run is.</summary>
/// <param name="Done">Samples written.</param>
/// <param name="Total">Samples to write.</param>
/// <param name="Bytes">Bytes written.</param>
/// <param name="Elapsed">Time since the start.</param>
public readonly record struct PackProgress(int Done, int Total, long Bytes, TimeSpan Elapsed)
{
    /// <summary>Samples per second so far; 0 before the first.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Done / Elapsed.TotalSeconds : 0;

    /// <summary>The time left at this rate; zero before the first sample.</summary>
    public TimeSpan TimeLeft => Done > 0 ? Elapsed * ((Total - Done) / (double)Done) : TimeSpan.Zero;
}

/// <summary>A finished pack.</summary>
/// <param name="Path">Its folder, <c>{target}/{split}_lmdb</c>.</param>
/// <param name="Count">Number of records.</param>
/// <param name="Bytes">Size of its data file.</param>
/// <param name="Manifest">What the pack says about its content.</param>
public sealed record PackResult(string Path, int Count, long Bytes, PackManifest Manifest)
{
    /// <summary>One line for each kind of entry that was left out on purpose (<see cref="LayoutListing.Notes"/>).</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Unfinished folders beside it that nobody is known to write and that could not be removed: another user's.</summary>
    public IReadOnlyList<string> LeftBehind { get; init; } = [];
}
