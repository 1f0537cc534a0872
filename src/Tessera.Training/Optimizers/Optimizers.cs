using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>The optimizers that a configuration can name as <c>optimizer.type</c>: one line each.</summary>
public static class Optimizers
{
    /// <summary>The table.</summary>
    public static RecipeTable<OptimizerOptions> Table { get; } = new(
        "optimizer",
        new Recipe<OptimizerOptions>("SGD", SgdOptions.Read),
        new Recipe<OptimizerOptions>("AdamW", AdamWOptions.Read));
}
