namespace Tessera.Data;

/// <summary>The label ids of Cityscapes and the train ids that evaluation uses.</summary>
public static class CityscapesLabels
{
    /// <summary>Number of label ids: 0..33.</summary>
    public const int IdCount = 34;

    /// <summary>The train id of each label id, 255 for ids that are not evaluated (cityscapesScripts, labels.py).</summary>
    public static ReadOnlySpan<byte> TrainIds =>
    [
        255, 255, 255, 255, 255, 255, 255, 0, 1, 255, 255, 2, 3, 4, 255, 255, 255, 5, 255, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255, 255, 16, 17, 18,
    ];

    /// <summary>Label ids to train ids; ids above 33 are errors.</summary>
    public static LabelRemap ToTrainIds { get; } = new(
        TrainIds.ToArray().Select((trainId, id) => KeyValuePair.Create((byte)id, trainId)), "label ids",
        "Are these train ids or colours? Use the *_gtFine_labelIds.png files; 'tessera data check' tells which encoding the labels have.");
}
