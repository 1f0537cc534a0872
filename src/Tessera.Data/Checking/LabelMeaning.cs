using Tessera.Core;

namespace Tessera.Data;

/// <summary>What stored label values are said to mean.</summary>
/// <param name="Name">The encoding as the config names it.</param>
/// <param name="Classes">The classes.</param>
/// <param name="Remap">Stored values to train ids.</param>
internal sealed record LabelMeaning(string Name, ClassTable Classes, LabelRemap Remap)
{
    public static LabelMeaning Of(LabelEncoding encoding) => new(encoding.ConfigName, encoding.Classes, encoding.Remap);

    /// <summary>What a pack says; packs of other tools hold Cityscapes label ids.</summary>
    public static LabelMeaning Of(PackMetadata? metadata) => metadata?.Manifest is not { } manifest
        ? Of(LabelEncoding.Cityscapes)
        : new LabelMeaning(metadata.Encoding switch { PackMetadata.CityscapesLabelIds => "cityscapes-ids", PackMetadata.TrainIds => "train-ids", _ => "ids" }, manifest.Classes, manifest.Remap);
}
