using Tessera.Recipes;

namespace Tessera.Graphs.Models;

/// <summary>The networks that a configuration can name as <c>model.type</c>: one line each.</summary>
public static class SegmentationModels
{
    /// <summary>The table.</summary>
    public static RecipeTable<SegmentationModel> Table { get; } = new(
        "model",
        new Recipe<SegmentationModel>("Segmentor", Segmentor.Read),
        new Recipe<SegmentationModel>("FastScnn", FastScnn.Read));
}
