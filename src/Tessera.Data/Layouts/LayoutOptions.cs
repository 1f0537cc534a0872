namespace Tessera.Data;

/// <summary>A data set on disk. In brackets: the options of the command line. What the layout or the encoding does not use is refused, never ignored.</summary>
public sealed record LayoutOptions
{
    /// <summary>The data set's folder (<c>--src-data-dir</c>). Required.</summary>
    public required string Root { get; init; }

    /// <summary>The layout (<c>--layout</c>): cityscapes (default), camvid or folders.</summary>
    public string Type { get; init; } = "cityscapes";

    /// <summary>Folders only: where images lie below the root, <c>{split}</c> standing for the split (<c>--image-dir</c>); default <c>images/{split}</c>.</summary>
    public string? ImageDir { get; init; }

    /// <summary>Folders only: where labels lie (<c>--label-dir</c>); default <c>labels/{split}</c>.</summary>
    public string? LabelDir { get; init; }

    /// <summary>Folders only: the end of an image file's name, in whatever case (<c>--image-suffix</c>); default <c>.jpg</c>.</summary>
    public string? ImageSuffix { get; init; }

    /// <summary>Folders only: the end of a label file's name, in whatever case (<c>--label-suffix</c>); default <c>.png</c>.</summary>
    public string? LabelSuffix { get; init; }

    /// <summary>
    /// How labels are encoded (<c>--labels</c>): cityscapes-ids, ids, train-ids, palette or rgb. Default: the layout's own, cityscapes-ids for
    /// cityscapes, train-ids otherwise.
    /// </summary>
    public string? Labels { get; init; }

    /// <summary>
    /// The classes (<c>--classes</c>): <c>cityscapes</c>, or a class file, relative to the root. Default: cityscapes for cityscapes,
    /// <c>classes.json</c> otherwise.
    /// </summary>
    public string? Classes { get; init; }

    /// <summary>For <c>ids</c> and <c>palette</c>: each label id and its train id, 255 = ignored; default: what the class file says.</summary>
    public IReadOnlyDictionary<int, int>? Ids { get; init; }

    /// <summary>For <c>rgb</c>: colours besides those of the classes.</summary>
    public IReadOnlyList<ColourClass> Colours { get; init; } = [];

    /// <summary>For <c>rgb</c>: whether pixels of any other colour are ignored (<c>--ignore-unknown-colours</c>); default: they are an error.</summary>
    public bool IgnoreUnknownColours { get; init; }
}
