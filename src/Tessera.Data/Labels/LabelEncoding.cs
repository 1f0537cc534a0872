using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// How the label files of a data set are to be read: their kind, what each value means, and the classes. Files give stored values
/// (label ids, train ids or palette indices as they stand; train ids in the place of colours), which <see cref="Remap"/> makes train ids.
/// </summary>
public sealed class LabelEncoding
{
    private readonly ColourTable? _colours;

    private LabelEncoding(LabelEncodingKind kind, string storedName, ClassTable classes, LabelRemap remap, ColourTable? colours = null) =>
        (Kind, StoredName, Classes, Remap, _colours) = (kind, storedName, classes, remap, colours);

    /// <summary>Raw Cityscapes label ids 0..33 and its 19 classes.</summary>
    public static LabelEncoding Cityscapes { get; } =
        new(LabelEncodingKind.LabelIds, PackMetadata.CityscapesLabelIds, ClassTable.Cityscapes, CityscapesLabels.ToTrainIds);

    /// <summary>The kind of the files.</summary>
    public LabelEncodingKind Kind { get; }

    /// <summary>The name of the stored values' encoding in a pack: <c>cityscapes-label-ids</c>, <c>label-ids</c> or <c>train-ids</c>.</summary>
    public string StoredName { get; }

    /// <summary>The name that the config uses: cityscapes-ids, ids, train-ids, palette or rgb.</summary>
    public string ConfigName => Kind switch
    {
        LabelEncodingKind.TrainIds => "train-ids",
        LabelEncodingKind.Palette => "palette",
        LabelEncodingKind.Rgb => "rgb",
        _ => StoredName == PackMetadata.CityscapesLabelIds ? "cityscapes-ids" : "ids",
    };

    /// <summary>The classes, in the order of their train ids.</summary>
    public ClassTable Classes { get; }

    /// <summary>Stored values to train ids.</summary>
    public LabelRemap Remap { get; }

    /// <summary>Label ids with a table of one's own.</summary>
    /// <param name="ids">For each id 0..255 that may occur its train id; 255 = ignored.</param>
    /// <param name="classes">The classes.</param>
    /// <exception cref="UsageException">An id or a train id is out of range.</exception>
    public static LabelEncoding LabelIds(IReadOnlyDictionary<int, int> ids, ClassTable classes) =>
        new(LabelEncodingKind.LabelIds, PackMetadata.LabelIds, classes, Table(ids, classes, "label ids"));

    /// <summary>Train ids as they are; one more value stands for ignored pixels.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="ignoredValue">The value of ignored pixels, not a class; default 255.</param>
    /// <exception cref="UsageException">The ignored value is out of range or a class.</exception>
    public static LabelEncoding TrainIds(ClassTable classes, int ignoredValue = ClassTable.Ignore) =>
        new(LabelEncodingKind.TrainIds, PackMetadata.TrainIds, classes, Identity(classes, ignoredValue, "train ids"));

    /// <summary>Palette PNG files; the indices count.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="ids">For each index that may occur its train id; null: the index is the train id, 255 ignored.</param>
    /// <exception cref="UsageException">An index or a train id is out of range.</exception>
    public static LabelEncoding Palette(ClassTable classes, IReadOnlyDictionary<int, int>? ids = null) => ids is null
        ? new(LabelEncodingKind.Palette, PackMetadata.TrainIds, classes, Identity(classes, ClassTable.Ignore, "palette indices"))
        : new(LabelEncodingKind.Palette, PackMetadata.LabelIds, classes, Table(ids, classes, "palette indices"));

    /// <summary>RGB PNG files with one colour per class.</summary>
    /// <param name="classes">The classes and their colours.</param>
    /// <param name="more">Further colours, for example those of ignored pixels.</param>
    /// <param name="ignoreUnknown">Whether pixels of any other colour are ignored; default: they are an error.</param>
    /// <exception cref="UsageException">A colour stands for two classes, or a train id is out of range.</exception>
    public static LabelEncoding Rgb(ClassTable classes, IReadOnlyList<ColourClass>? more = null, bool ignoreUnknown = false)
    {
        IReadOnlyList<ColourClass> others = more ?? [];
        foreach (ColourClass colour in others)
        {
            CheckTrainId(colour.TrainId, classes, $"the colour ({colour.Red}, {colour.Green}, {colour.Blue})");
        }

        IEnumerable<ColourClass> own = classes.Classes.Select((entry, i) => new ColourClass(entry.Red, entry.Green, entry.Blue, (byte)i));
        return new(LabelEncodingKind.Rgb, PackMetadata.TrainIds, classes, Identity(classes, ClassTable.Ignore, "train ids"), new ColourTable(own.Concat(others), ignoreUnknown));
    }

    /// <summary>Reads a label file to stored values and checks that each means something.</summary>
    /// <exception cref="BadFileException">The file is missing, damaged, of another format, or holds a value or colour without a meaning.</exception>
    public LabelImage Read(string path)
    {
        LabelImage label = Decode(ImageFile.ReadBytes(path), path);
        Remap.Check(label.Values, label.Width, path);
        return label;
    }

    /// <summary>Decodes the content of a label file to stored values; whether each means something is left to <see cref="Remap"/>.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="BadFileException">It is damaged, of another format, or holds a colour without a meaning.</exception>
    public LabelImage Decode(ReadOnlySpan<byte> file, string name)
    {
        LabelImage label = Decode(file, name, out string? unknownColour);
        return unknownColour is null
            ? label
            : throw new BadFileException($"The label of {name} holds {unknownColour}. Add it to the class table, or set 'ignore_unknown_colours: true' to ignore such pixels.");
    }

    /// <summary>Decodes a label; pixels of a colour without a meaning are ignored, and the first one is described.</summary>
    internal LabelImage Decode(ReadOnlySpan<byte> file, string name, out string? unknownColour)
    {
        unknownColour = null;
        switch (Kind)
        {
            case LabelEncodingKind.Palette:
                return ImageFile.DecodePaletteIndices(file, name);
            case LabelEncodingKind.Rgb:
                RgbImage image = ImageFile.DecodeLabelColours(file, name);
                return new LabelImage(_colours!.ToTrainIds(image, out unknownColour), image.Height, image.Width);
            default:
                return ImageFile.DecodeLabel(file, name);
        }
    }

    private static LabelRemap Identity(ClassTable classes, int ignoredValue, string what)
    {
        if (ignoredValue > byte.MaxValue || ignoredValue < classes.Count)
        {
            throw new UsageException($"The ignored label value is {ignoredValue}; it must be {classes.Count} to 255, because lower values are classes.");
        }

        IEnumerable<KeyValuePair<byte, byte>> own = Enumerable.Range(0, classes.Count).Select(i => KeyValuePair.Create((byte)i, (byte)i));
        return new LabelRemap(own.Append(KeyValuePair.Create((byte)ignoredValue, ClassTable.Ignore)), what);
    }

    private static LabelRemap Table(IReadOnlyDictionary<int, int> ids, ClassTable classes, string what)
    {
        if (ids.Count == 0)
        {
            throw new UsageException("The table of label ids is empty; give each id its train id.");
        }

        foreach ((int id, int trainId) in ids)
        {
            CheckTrainId(trainId, classes, $"label id {id}");
            if (id is < 0 or > byte.MaxValue)
            {
                throw new UsageException($"The label id {id} does not fit an 8-bit label; ids are 0 to 255.");
            }
        }

        return new LabelRemap(ids.Select(pair => KeyValuePair.Create((byte)pair.Key, (byte)pair.Value)), what);
    }

    private static void CheckTrainId(int trainId, ClassTable classes, string what)
    {
        if (trainId != ClassTable.Ignore && (trainId < 0 || trainId >= classes.Count))
        {
            throw new UsageException($"The train id of {what} is {trainId}; it must be 0 to {classes.Count - 1}, or 255 for ignored.");
        }
    }
}
