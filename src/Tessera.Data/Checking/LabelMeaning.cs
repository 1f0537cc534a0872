using Tessera.Core;

namespace Tessera.Data;

/// <summary>What stored label values are said to mean.</summary>
/// <param name="Name">The encoding as <c>--labels</c> names it.</param>
/// <param name="Classes">The classes.</param>
/// <param name="Remap">Stored values to train ids.</param>
internal sealed record LabelMeaning(string Name, ClassTable Classes, LabelRemap Remap)
{
    /// <summary>The name of <see cref="TrainIds"/>.</summary>
    public const string TrainIdsName = "train-ids";

    /// <summary>The name of <see cref="Shifted"/>.</summary>
    public const string ShiftedName = "train-ids+1";

    public static LabelMeaning Of(LabelEncoding encoding) => new(encoding.ConfigName, encoding.Classes, encoding.Remap);

    /// <summary>What a pack says; packs of other tools hold Cityscapes label ids.</summary>
    public static LabelMeaning Of(PackMetadata? metadata) => metadata?.Manifest is not { } manifest
        ? Of(LabelEncoding.Cityscapes)
        : new LabelMeaning(metadata.Encoding switch { PackMetadata.CityscapesLabelIds => "cityscapes-ids", PackMetadata.TrainIds => TrainIdsName, _ => "ids" }, manifest.Classes, manifest.Remap);

    /// <summary>Train ids, 255 ignored.</summary>
    public static LabelMeaning TrainIds(ClassTable classes) => Of(LabelEncoding.TrainIds(classes));

    /// <summary>0 and 255 are ignored, class n is n + 1.</summary>
    public static LabelMeaning Shifted(ClassTable classes)
    {
        Dictionary<int, int> table = Enumerable.Range(1, classes.Count).ToDictionary(value => value, value => value - 1);
        table[0] = table[ClassTable.Ignore] = ClassTable.Ignore;
        return Of(LabelEncoding.LabelIds(table, classes)) with { Name = ShiftedName };
    }

    /// <summary>Whether each value means the same.</summary>
    public bool HasSameTable(LabelMeaning other) => Enumerable.Range(0, 256).All(value => Remap.TrainIdOf((byte)value) == other.Remap.TrainIdOf((byte)value));

    /// <summary>The options of <c>pack</c> and <c>data check</c> that read labels of an encoding by its name, in every layout.</summary>
    public static string OptionsFor(string name, int classes) => name switch
    {
        ShiftedName => $"{LabelIdTable.OptionForShift(classes)} (0 is then ignored; where 0 is a class too, name it first in the class file and keep the labels as they are)",
        TrainIdsName => $"--labels ids --ids 0..{classes - 1}=0..{classes - 1},255=255",
        _ => $"--labels {name}",
    };
}
