namespace Tessera.Data;

/// <summary>What a check remembers of one sample once its pixels are gone.</summary>
internal sealed record SampleFacts(string Name, string Group, string File)
{
    /// <summary>What is wrong with it.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>The image's size; 0 where it could not be read.</summary>
    public (int Height, int Width) Size { get; set; }

    /// <summary>SHA-256 of the image's size and pixels; empty where it could not be read.</summary>
    public string ImageHash { get; set; } = "";

    /// <summary>SHA-256 of the label's stored values; empty where it could not be read.</summary>
    public string LabelHash { get; set; } = "";

    /// <summary>The image's coarse pattern, see <see cref="ImagePattern"/>; null unless asked for.</summary>
    public ulong? Pattern { get; set; }

    /// <summary>The label file's format: gray, palette or rgb; empty where it is none of these.</summary>
    public string Format { get; set; } = "";

    /// <summary>The EXIF orientation of the label file, 1 to 8.</summary>
    public int LabelOrientation { get; set; } = ExifOrientation.Upright;

    /// <summary>The label's stored values, counted; null where it could not be read.</summary>
    public LabelStatistics? Label { get; set; }
}
