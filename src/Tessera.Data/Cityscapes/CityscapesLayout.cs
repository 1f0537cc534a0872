using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// The folders of Cityscapes: <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c> beside
/// <c>gtFine/{split}/{city}/*_gtFine_labelIds.png</c>.
/// </summary>
public static class CityscapesLayout
{
    private const string ImageSuffix = "_leftImg8bit.png";
    private const string LabelSuffix = "_gtFine_labelIds.png";

    /// <summary>The names that a split can have.</summary>
    public static IReadOnlyList<string> Splits { get; } = ["train", "val", "test"];

    /// <summary>Lists the pairs of a split, sorted by city and name in ordinal order: the same on every machine.</summary>
    /// <param name="root">The folder that holds leftImg8bit and gtFine.</param>
    /// <param name="split">train, val or test.</param>
    /// <exception cref="UsageException">There is no such split.</exception>
    /// <exception cref="BadFileException">A folder is missing or empty, or an image or label lacks its counterpart.</exception>
    public static IReadOnlyList<ImageLabelPair> List(string root, string split)
    {
        if (!Splits.Contains(split))
        {
            throw new UsageException($"The split '{split}' does not exist; use one of {string.Join(", ", Splits)}.");
        }

        string imageRoot = Path.Combine(root, "leftImg8bit", split), labelRoot = Path.Combine(root, "gtFine", split);
        SortedSet<string> images = Stems(imageRoot, ImageSuffix), labels = Stems(labelRoot, LabelSuffix);
        foreach (string stem in images.Except(labels))
        {
            throw new BadFileException($"The image {Path.Combine(imageRoot, stem + ImageSuffix)} has no label; expected {Path.Combine(labelRoot, stem + LabelSuffix)}. Add the label or remove the image.");
        }

        foreach (string stem in labels.Except(images))
        {
            throw new BadFileException($"The label {Path.Combine(labelRoot, stem + LabelSuffix)} has no image; expected {Path.Combine(imageRoot, stem + ImageSuffix)}. Add the image or remove the label.");
        }

        if (images.Count == 0)
        {
            throw new BadFileException($"{imageRoot} holds no file {{city}}/*{ImageSuffix}; check the folder.");
        }

        return [.. images.Select(stem => new ImageLabelPair(
            Path.GetFileName(stem), Path.Combine(imageRoot, stem + ImageSuffix), Path.Combine(labelRoot, stem + LabelSuffix)))];
    }

    /// <summary>The files' paths below <paramref name="folder"/> (city/name) without their suffix.</summary>
    private static SortedSet<string> Stems(string folder, string suffix)
    {
        if (!Directory.Exists(folder))
        {
            throw new BadFileException($"The folder {folder} does not exist; the Cityscapes layout needs leftImg8bit/{{split}}/{{city}} and gtFine/{{split}}/{{city}} below the data folder.");
        }

        var stems = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string city in Directory.EnumerateDirectories(folder))
        {
            foreach (string file in Directory.EnumerateFiles(city).Where(file => file.EndsWith(suffix, StringComparison.Ordinal)))
            {
                stems.Add(Path.GetRelativePath(folder, file)[..^suffix.Length]);
            }
        }

        return stems;
    }
}
