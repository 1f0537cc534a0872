namespace Tessera.Data;

/// <summary>What a split holds, complete or not.</summary>
/// <param name="Pairs">Images with their labels, in ordinal order of group and name.</param>
/// <param name="ImagesWithoutLabel">Images whose label is missing, with the path where it is expected.</param>
/// <param name="LabelsWithoutImage">Labels whose image is missing, with the path where it is expected.</param>
public sealed record LayoutListing(
    IReadOnlyList<ImageLabelPair> Pairs, IReadOnlyList<ImageLabelPair> ImagesWithoutLabel, IReadOnlyList<ImageLabelPair> LabelsWithoutImage);
