namespace Tessera.Data;

/// <summary>What a split holds, complete or not.</summary>
/// <param name="Pairs">Images with their labels, in ordinal order of group and name.</param>
/// <param name="ImagesWithoutLabel">Images whose label is missing, with the path where it is expected.</param>
/// <param name="LabelsWithoutImage">Labels whose image is missing, with the path where it is expected.</param>
public sealed record LayoutListing(
    IReadOnlyList<ImageLabelPair> Pairs, IReadOnlyList<ImageLabelPair> ImagesWithoutLabel, IReadOnlyList<ImageLabelPair> LabelsWithoutImage)
{
    /// <summary>What may hide further images or labels: folders that cannot be read, broken links, names of files that differ in case only.</summary>
    public IReadOnlyList<LayoutFault> Faults { get; init; } = [];

    /// <summary>One line for each kind of entry that was left out on purpose: hidden and side files, links to folders that are listed already.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Something in the folders of a split that no pair can be made of.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Problem">What is wrong, as a sentence without its subject.</param>
/// <param name="Remedy">What the user can do about it.</param>
public sealed record LayoutFault(string Path, string Problem, string Remedy);
