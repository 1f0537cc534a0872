namespace Tessera.Data;

/// <summary>One labelled image on disk.</summary>
/// <param name="Name">The sample's name: the image file's name without its suffix, for example <c>aachen_000000_000019</c>.</param>
/// <param name="ImagePath">The image file.</param>
/// <param name="LabelPath">The label file.</param>
public sealed record ImageLabelPair(string Name, string ImagePath, string LabelPath)
{
    /// <summary>The city or drive that it belongs to; empty where the layout has none. Neighbouring images of a group look alike.</summary>
    public string Group { get; init; } = "";
}
