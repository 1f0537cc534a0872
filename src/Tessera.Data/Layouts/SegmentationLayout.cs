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
    private readonly bool _sharesFolder;
    private readonly IReadOnlyList<string>? _allowedSplits;

    private SegmentationLayout(LayoutOptions options, LabelEncoding encoding, IReadOnlyList<string>? allowedSplits)
    {
        (Root, Type, Encoding, _allowedSplits) = (options.Root, options.Type, encoding, allowedSplits);
        (_imageDir, _labelDir) = (options.ImageDir ?? "images/{split}", options.LabelDir ?? "labels/{split}");
        (_imageSuffix, _labelSuffix) = (options.ImageSuffix ?? ".jpg", options.LabelSuffix ?? ".png");
        _sharesFolder = FullPath(_imageDir) == FullPath(_labelDir);
        if (_imageSuffix.Length == 0 || _labelSuffix.Length == 0)
        {
            throw new UsageException("--image-suffix and --label-suffix must not be empty; give the end of the files' names, for example .jpg and .png.");
        }

        if (_sharesFolder && _imageSuffix.Equals(_labelSuffix, StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"Images and labels cannot both be {_imageDir}/*{_imageSuffix}; let --image-dir and --label-dir or --image-suffix and --label-suffix differ.");
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
            FixedPlaces(options, "cityscapes") with { ImageDir = "leftImg8bit/{split}", LabelDir = "gtFine/{split}", ImageSuffix = "_leftImg8bit.png", LabelSuffix = CityscapesSuffix(options.Labels) },
            EncodingOf(options, "cityscapes-ids", "cityscapes"), CityscapesLayout.Splits),
        "camvid" => new SegmentationLayout(FixedPlaces(options, "camvid"), EncodingOf(options, "train-ids", "classes.json"), null),
        "folders" => new SegmentationLayout(options with { Type = "folders" }, EncodingOf(options, "train-ids", "classes.json"), null),
        _ => throw new UsageException($"The layout '{options.Type}' does not exist; use cityscapes, camvid or folders."),
    };

    /// <summary>Cityscapes with raw label ids: <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c> and <c>gtFine/{split}/{city}/*_gtFine_labelIds.png</c>.</summary>
    public static SegmentationLayout Cityscapes(string root) => Create(new LayoutOptions { Root = root });

    /// <summary>CamVid: <c>images/{split}/*.jpg</c>, <c>labels/{split}/*.png</c> with train ids, <c>classes.json</c>.</summary>
    /// <exception cref="BadFileException">classes.json is missing or wrong.</exception>
    public static SegmentationLayout CamVid(string root) => Create(new LayoutOptions { Root = root, Type = "camvid" });

    /// <summary>The splits that exist: train, val, test first, others in ordinal order.</summary>
    /// <exception cref="BadFileException">The folder that holds them cannot be read.</exception>
    public IReadOnlyList<string> FindSplits()
    {
        string[] parts = _imageDir.Split('/');
        int place = Array.FindIndex(parts, part => part.Contains(SplitMark, StringComparison.Ordinal));
        if (place < 0)
        {
            return ["train"];
        }

        string[] around = parts[place].Split(SplitMark, 2);
        string parent = Path.Combine(Root, string.Join('/', parts[..place]) is { Length: > 0 } above ? above + "/" : "");
        IEnumerable<string> names = (Directory.Exists(parent) ? FolderTree.Subfolders(parent) : [])
            .Where(name => name.Length > around[0].Length + around[1].Length && name.StartsWith(around[0], StringComparison.Ordinal) && name.EndsWith(around[1], StringComparison.Ordinal))
            .Select(name => name[around[0].Length..^around[1].Length]);

        // A pack lies beside the splits unless told otherwise.
        return [.. names.Where(name => Directory.Exists(Folder(_imageDir, name)) && !File.Exists(Path.Combine(Folder(_imageDir, name), LmdbStore.DataFile)) && _allowedSplits?.Contains(name) != false)
            .OrderBy(name => Array.IndexOf(CommonSplits, name) is >= 0 and int rank ? rank : int.MaxValue).ThenBy(name => name, StringComparer.Ordinal)];
    }

    /// <summary>Lists the pairs of a split in ordinal order of their paths: the same on every machine.</summary>
    /// <inheritdoc cref="ScanComplete"/>
    public IReadOnlyList<ImageLabelPair> List(string split) => ScanComplete(split).Pairs;

    /// <summary>Lists what a split holds where every image has its label and every label its image.</summary>
    /// <exception cref="UsageException">There is no such split.</exception>
    /// <exception cref="BadFileException">A folder is missing, empty or cannot be read, an image or label lacks its counterpart, or a name is ambiguous.</exception>
    public LayoutListing ScanComplete(string split)
    {
        LayoutListing listing = Scan(split);
        if (listing.Faults is [{ } fault, ..])
        {
            throw new BadFileException($"{fault.Path} {fault.Problem} {fault.Remedy}");
        }

        if (listing.ImagesWithoutLabel is [{ } image, ..])
        {
            throw new BadFileException($"The image {image.ImagePath} has no label; expected {image.LabelPath}. Add the label or remove the image.");
        }

        if (listing.LabelsWithoutImage is [{ } label, ..])
        {
            throw new BadFileException($"The label {label.LabelPath} has no image; expected {label.ImagePath}. Add the image or remove the label.");
        }

        return listing.Pairs.Count > 0
            ? listing
            : throw new BadFileException($"{Folder(_imageDir, split)} holds no file *{_imageSuffix}; check the folder{(Type == "folders" ? " and --image-suffix" : "")}.");
    }

    /// <summary>Lists what a split holds, incomplete pairs and what may hide further ones apart.</summary>
    /// <exception cref="UsageException">There is no such split.</exception>
    /// <exception cref="BadFileException">A folder is missing or cannot be read.</exception>
    public LayoutListing Scan(string split)
    {
        if (_allowedSplits is not null && !_allowedSplits.Contains(split))
        {
            throw new UsageException($"The split '{split}' does not exist; use one of {string.Join(", ", _allowedSplits)}.");
        }

        if (split is "" or "." or ".." || split.AsSpan().ContainsAny('/', '\\'))
        {
            throw new UsageException($"The split '{split}' is no name of a folder; use one like train or val.");
        }

        string imageRoot = Existing(Folder(_imageDir, split)), labelRoot = Existing(Folder(_labelDir, split));
        FolderTree imageTree = FolderTree.Read(imageRoot), labelTree = _sharesFolder ? imageTree : FolderTree.Read(labelRoot);

        // Where images and labels share a folder and one suffix ends with the other, the longer one decides.
        var images = new SuffixedFiles(imageRoot, imageTree, _imageSuffix, _sharesFolder && _labelSuffix.Length > _imageSuffix.Length ? _labelSuffix : null);
        var labels = new SuffixedFiles(labelRoot, labelTree, _labelSuffix, _sharesFolder && _imageSuffix.Length > _labelSuffix.Length ? _imageSuffix : null);
        return new LayoutListing(Pairs(images.Stems.Intersect(labels.Stems)), Pairs(images.Stems.Except(labels.Stems)), Pairs(labels.Stems.Except(images.Stems)))
        {
            Faults = [.. images.Faults.Union(labels.Faults)],
            Notes = [.. SkippedEntry.Notes(_sharesFolder ? imageTree.Skipped : imageTree.Skipped.Concat(labelTree.Skipped))],
        };

        ImageLabelPair[] Pairs(IEnumerable<string> stems) => [.. stems.Order(StringComparer.Ordinal).Select(stem => new ImageLabelPair(
            Path.GetFileName(stem), images.Find(stem) ?? Path.Combine(imageRoot, stem + _imageSuffix), labels.Find(stem) ?? Path.Combine(labelRoot, stem + _labelSuffix))
        {
            Group = GroupOf(stem),
        })];
    }

    /// <summary>The group of a sample: its folder below the split, else its name up to the first underscore, else nothing.</summary>
    internal static string GroupOf(string stem)
    {
        string folder = Path.GetDirectoryName(stem) ?? "";
        int mark = stem.IndexOf('_');
        return folder.Length > 0 ? folder : mark > 0 ? stem[..mark] : "";
    }

    private string Existing(string folder)
    {
        if (Directory.Exists(folder))
        {
            return folder;
        }

        string found = string.Join(", ", FindSplits());
        throw new BadFileException(
            $"The folder {folder} {MissingPath.Reason(folder)}; the {Type} layout needs {_imageDir} and {_labelDir} below the data folder {Root} (splits found there: {(found.Length > 0 ? found : "none")}).");
    }

    private string FullPath(string pattern) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder(pattern, SplitMark)));

    private string Folder(string pattern, string split) => Path.Combine(Root, pattern.Replace(SplitMark, split, StringComparison.Ordinal));

    private static string CityscapesSuffix(string? labels) => labels switch
    {
        "train-ids" => "_gtFine_labelTrainIds.png",
        "rgb" => "_gtFine_color.png",
        _ => "_gtFine_labelIds.png",
    };

    /// <summary>The options of a layout whose folders and suffixes are fixed.</summary>
    private static LayoutOptions FixedPlaces(LayoutOptions options, string type)
    {
        (string Name, string? Value)[] places =
        [
            ("--image-dir", options.ImageDir), ("--label-dir", options.LabelDir), ("--image-suffix", options.ImageSuffix), ("--label-suffix", options.LabelSuffix),
        ];
        return places.FirstOrDefault(place => place.Value is not null) is { Value: { } value, Name: { } name }
            ? throw new UsageException($"{name} is {value}, and the layout {type} has folders and suffixes of its own. Leave it out, or use --layout folders with --image-dir, --label-dir, --image-suffix and --label-suffix.")
            : options with { Type = type };
    }

    private static LabelEncoding EncodingOf(LayoutOptions options, string defaultLabels, string defaultClasses)
    {
        string labels = options.Labels ?? defaultLabels, classes = options.Classes ?? defaultClasses;
        RequireUse(options, labels);
        if (labels == "cityscapes-ids")
        {
            return LabelEncoding.Cityscapes;
        }

        ClassTableDescription table = classes == "cityscapes"
            ? new ClassTableDescription(ClassTable.Cityscapes, ClassTable.Ignore, null)
            : ReadClasses(Path.Combine(options.Root, classes));
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

    /// <summary>Refuses what the encoding would leave unused.</summary>
    private static void RequireUse(LayoutOptions options, string labels)
    {
        if (labels == "cityscapes-ids" && options.Classes is not (null or "cityscapes"))
        {
            throw new UsageException($"--classes is {options.Classes}, and labels of the encoding cityscapes-ids have the 19 classes of Cityscapes. Leave it out, or name the encoding of your labels with --labels ids, train-ids, palette or rgb.");
        }

        if (labels != "rgb" && (options.IgnoreUnknownColours || options.Colours.Count > 0))
        {
            throw new UsageException($"--ignore-unknown-colours and further colours are for --labels rgb; these labels are {labels}. Leave them out, or give --labels rgb.");
        }

        if (labels is not ("ids" or "palette") && options.Ids is not null)
        {
            throw new UsageException($"A table of ids is for --labels ids or palette; these labels are {labels}. Leave it out, or give the encoding that the labels have.");
        }
    }

    private static ClassTableDescription ReadClasses(string path) => File.Exists(path)
        ? ClassTableFile.Read(path)
        : throw new BadFileException($"The class file {path} {MissingPath.Reason(path)}. Write one, such as {{\"classes\": [\"sky\", \"road\"]}}, or name another below the data set with --classes; --classes cityscapes takes the 19 classes of Cityscapes.");
}
