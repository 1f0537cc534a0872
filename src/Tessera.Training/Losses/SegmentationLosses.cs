using Tessera.Graphs.Models;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>The losses that a configuration can name as <c>model.losses.type</c>: one line each.</summary>
public static class SegmentationLosses
{
    /// <summary>The table for a network.</summary>
    /// <param name="outputs">The network's outputs; null where the network is not known, and so what must fit it is not checked.</param>
    public static RecipeTable<SegmentationLossOptions> Table(LogitsOutputs? outputs) => new(
        "loss",
        new Recipe<SegmentationLossOptions>("SoftmaxFocalLoss", keys => FocalLossOptions.Read(keys, outputs), "ClassificationFocalLoss"),
        new Recipe<SegmentationLossOptions>("CrossEntropyLoss", keys => CrossEntropyLossOptions.Read(keys, outputs)),
        new Recipe<SegmentationLossOptions>("OhemCrossEntropyLoss", keys => OhemCrossEntropyLossOptions.Read(keys, outputs)),
        new Recipe<SegmentationLossOptions>("DiceLoss", keys => DiceLossOptions.Read(keys, outputs)));
}
