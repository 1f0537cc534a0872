using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// The folders of Cityscapes: <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c> beside
/// <c>gtFine/{split}/{city}/*_gtFine_labelIds.png</c>.
/// </summary>
public static class CityscapesLayout
{
    private static readonly string[] AllSplits = ["train", "val", "test"];

    /// <summary>The names that a split can have.</summary>
    public static IReadOnlyList<string> Splits => AllSplits;

    /// <summary>Lists the pairs of a split, sorted by city and name in ordinal order: the same on every machine.</summary>
    /// <param name="root">The folder that holds leftImg8bit and gtFine.</param>
    /// <param name="split">train, val or test.</param>
    /// <exception cref="UsageException">There is no such split.</exception>
    /// <exception cref="BadFileException">A folder is missing or empty, or an image or label lacks its counterpart.</exception>
    public static IReadOnlyList<ImageLabelPair> List(string root, string split) => SegmentationLayout.Cityscapes(root).List(split);
}
