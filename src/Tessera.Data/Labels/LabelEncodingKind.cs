namespace Tessera.Data;

/// <summary>How label files say which class a pixel has.</summary>
public enum LabelEncodingKind
{
    /// <summary>8-bit gray PNG, label ids that a table replaces by train ids (config: <c>ids</c>, for Cityscapes <c>cityscapes-ids</c>).</summary>
    LabelIds,

    /// <summary>8-bit gray PNG, train ids as they are (config: <c>train-ids</c>).</summary>
    TrainIds,

    /// <summary>Palette PNG; the index counts, its colour does not (config: <c>palette</c>).</summary>
    Palette,

    /// <summary>8-bit RGB PNG, one colour per class (config: <c>rgb</c>).</summary>
    Rgb,
}
