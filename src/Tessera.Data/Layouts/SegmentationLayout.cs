using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Where a data set keeps its images and labels and what its labels mean. A label has its image's path below the split's folder, with
/// the other suffix; a folder between them, or the name up to the first underscore, is the sample's group (its city or drive).
/// </summary>
public sealed class SegmentationLayout
{
    private const string SplitMark = "{split}";
    private static readonly string[] CommonSplits = ["train", "val", "test"];

    private readonly string _imageDir;
    private readonly string _labelDir;
    private readonly string _imageSuffix;
    private readonly string _labelSuffix;
    private readonly IReadOnlyList<string>? _allowedSplits;

    private SegmentationLayout(LayoutOptions options, LabelEncoding encoding, IReadOnlyList<string>? allowedSplits)
    {
        (Root, Type, Encoding, _allowedSplits) = (options.Root, options.Type, encoding, allowedSplits);
        (_imageDir, _labelDir, _imageSuffix, _labelSuffix) = (options.ImageDir, options.LabelDir, options.ImageSuffix, options.LabelSuffix);
        if (_imageSuffix.Length == 0 || _labelSuffix.Length == 0)
        {
            throw new UsageException("image_suffix and label_suffix must not be empty; give the end of the files' names, for example .jpg and .png.");
        }

        if (_imageDir == _labelDir && _imageSuffix == _labelSuffix)
        {
            throw new UsageException($"Images and labels cannot both be {_imageDir}/*{_imageSuffix}; let the folders or the suffixes differ.");
        }
    }

    /// <summary>The data set's folder.</summary>
    public string Root { get; }

    /// <summary>cityscapes, camvid or folders.</summary>
    public string Type { get; }

    /// <summary>What the labels mean.</summary>
    public LabelEncoding Encoding { get; }

    /// <summary>Creates the layout that options describe.</summary>
    /// <exception cref="UsageException">The type or the labels' encoding does not exist, or options contradict each other.</exception>
    /// <exception cref="BadFileException">The class file is missing or wrong.</exception>
    public static SegmentationLayout Create(LayoutOptions options) => options.Type.ToLowerInvariant() switch
    {
        "cityscapes" => new SegmentationLayout(
            options with { Type = "cityscapes", ImageDir = "leftImg8bit/{split}", LabelDir = "gtFine/{split}", ImageSuffix = "_leftImg8bit.png", LabelSuffix = CityscapesSuffix(options.Labels) },
            EncodingOf(options, "cityscapes-ids", "cityscapes"), CityscapesLayout.Splits),
        "camvid" => new SegmentationLayout(
            options with { Type = "camvid", ImageDir = "images/{split}", LabelDir = "labels/{split}", ImageSuffix = ".jpg", LabelSuffix = ".png" },
            EncodingOf(options, "train-ids", "classes.json"), null),
        "folders" => new SegmentationLayout(options with { Type = "folders" }, EncodingOf(options, "train-ids", "classes.json"), null),
        _ => throw new UsageException($"The layout '{options.Type}' does not exist; use cityscapes, camvid or folders."),
    };

    /// <summary>Cityscapes with raw label ids: <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c> and <c>gtFine/{split}/{city}/*_gtFine_labelIds.png</c>.</summary>
    public static SegmentationLayout Cityscapes(string root) => Create(new LayoutOptions { Root = root });

    /// <summary>CamVid: <c>images/{split}/*.jpg</c>, <c>labels/{split}/*.png</c> with train ids, <c>classes.json</c>.</summary>
    /// <exception cref="BadFileException">classes.json is missing or wrong.</exception>
    public static SegmentationLayout CamVid(string root) => Create(new LayoutOptions { Root = root, Type = "camvid" });

    /// <summary>The splits that exist: train, val, test first, others in ordinal order.</summary>
    public IReadOnlyList<string> FindSplits()
    {
        if (!_imageDir.Contains(SplitMark, StringComparison.Ordinal))
        {
            return ["train"];
        }

        string[] around = _imageDir.Split(SplitMark, 2);
        string parent = Path.Combine(Root, around[0]);
        IEnumerable<string> folders = Directory.Exists(parent) ? Directory.EnumerateDirectories(parent).Select(folder => Path.GetFileName(folder)) : [];
        return [.. folders.Where(name => Directory.Exists(Folder(_imageDir, name)) && _allowedSplits?.Contains(name) != false)
            .OrderBy(name => Array.IndexOf(CommonSplits, name) is >= 0 and int place ? place : int.MaxValue).ThenBy(name => name, StringComparer.Ordinal)];
    }

    /// <summary>Lists the pairs of a split in ordinal order of their paths: the same on every machine.</summary>
    /// <exception cref="UsageException">There is no such split.</exception>
    /// <exception cref="BadFileException">A folder is missing or empty, or an image or label lacks its counterpart.</exception>
    public IReadOnlyList<ImageLabelPair> List(string split)
    {
        LayoutListing listing = Scan(split);
        if (listing.ImagesWithoutLabel is [{ } image, ..])
        {
            throw new BadFileException($"The image {image.ImagePath} has no label; expected {image.LabelPath}. Add the label or remove the image.");
        }

        if (listing.LabelsWithoutImage is [{ } label, ..])
        {
            throw new BadFileException($"The label {label.LabelPath} has no image; expected {label.ImagePath}. Add the image or remove the label.");
        }

        return listing.Pairs.Count > 0
            ? listing.Pairs
            : throw new BadFileException($"{Folder(_imageDir, split)} holds no file *{_imageSuffix}; check the folder.");
    }

    /// <summary>Lists what a split holds, incomplete pairs apart.</summary>
    /// <exception cref="UsageException">There is no such split.</exception>
    /// <exception cref="BadFileException">A folder is missing.</exception>
    public LayoutListing Scan(string split)
    {
        if (_allowedSplits is not null && !_allowedSplits.Contains(split))
        {
            throw new UsageException($"The split '{split}' does not exist; use one of {string.Join(", ", _allowedSplits)}.");
        }

        string imageRoot = Folder(_imageDir, split), labelRoot = Folder(_labelDir, split);
        SortedSet<string> images = Stems(imageRoot, _imageSuffix, _labelSuffix), labels = Stems(labelRoot, _labelSuffix, _imageSuffix);
        return new LayoutListing(Pairs(images.Intersect(labels)), Pairs(images.Except(labels)), Pairs(labels.Except(images)));

        ImageLabelPair[] Pairs(IEnumerable<string> stems) => [.. stems.Order(StringComparer.Ordinal).Select(stem =>
            new ImageLabelPair(Path.GetFileName(stem), Path.Combine(imageRoot, stem + _imageSuffix), Path.Combine(labelRoot, stem + _labelSuffix)) { Group = GroupOf(stem) })];
    }

    /// <summary>The group of a sample: its folder below the split, else its name up to the first underscore, else nothing.</summary>
    internal static string GroupOf(string stem)
    {
        string folder = Path.GetDirectoryName(stem) ?? "";
        int mark = stem.IndexOf('_');
        return folder.Length > 0 ? folder : mark > 0 ? stem[..mark] : "";
    }

    /// <summary>The files' paths below <paramref name="folder"/> without their suffix; where images and labels share a folder, the longer suffix decides.</summary>
    private SortedSet<string> Stems(string folder, string suffix, string otherSuffix)
    {
        if (!Directory.Exists(folder))
        {
            string found = string.Join(", ", FindSplits());
            throw new BadFileException(
                $"The folder {folder} does not exist; the {Type} layout needs {_imageDir} and {_labelDir} below the data folder {Root} (splits found there: {(found.Length > 0 ? found : "none")}).");
        }

        var stems = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => file.EndsWith(suffix, StringComparison.Ordinal)))
        {
            bool isOther = _imageDir == _labelDir && otherSuffix.Length > suffix.Length && file.EndsWith(otherSuffix, StringComparison.Ordinal);
            if (!isOther)
            {
                stems.Add(Path.GetRelativePath(folder, file)[..^suffix.Length]);
            }
        }

        return stems;
    }

    private string Folder(string pattern, string split) => Path.Combine([Root, .. pattern.Replace(SplitMark, split, StringComparison.Ordinal).Split('/')]);

    private static string CityscapesSuffix(string? labels) => labels switch
    {
        "train-ids" => "_gtFine_labelTrainIds.png",
        "rgb" => "_gtFine_color.png",
        _ => "_gtFine_labelIds.png",
    };

    private static LabelEncoding EncodingOf(LayoutOptions options, string defaultLabels, string defaultClasses)
    {
        string labels = options.Labels ?? defaultLabels, classes = options.Classes ?? defaultClasses;
        if (labels == "cityscapes-ids")
        {
            return LabelEncoding.Cityscapes;
        }

        ClassTableDescription table = classes == "cityscapes"
            ? new ClassTableDescription(ClassTable.Cityscapes, ClassTable.Ignore, null)
            : ClassTableFile.Read(Path.Combine(options.Root, classes));
        IReadOnlyDictionary<int, int>? ids = options.Ids ?? table.Ids;
        return labels switch
        {
            "ids" when ids is null => throw new UsageException("--labels ids needs a table: say --ids 0=255,1=0,2=1 with the train id of each label id, or give a class file whose classes have ids."),
            "ids" => LabelEncoding.LabelIds(ids, table.Classes),
            "train-ids" => LabelEncoding.TrainIds(table.Classes, table.Ignore),
            "palette" => LabelEncoding.Palette(table.Classes, ids, table.Ignore),
            "rgb" => LabelEncoding.Rgb(table.Classes, [.. options.Colours, .. table.IgnoredColours], options.IgnoreUnknownColours),
            _ => throw new UsageException($"The label encoding '{labels}' does not exist; use cityscapes-ids, ids, train-ids, palette or rgb."),
        };
    }
}
