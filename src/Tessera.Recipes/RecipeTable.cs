namespace Tessera.Recipes;

/// <summary>
/// The <c>type:</c> names that may stand at one place of a configuration. A new kind of thing is one more line of such a table;
/// nothing is ever made by reflection over a name.
/// </summary>
/// <typeparam name="T">What the recipes make.</typeparam>
public sealed class RecipeTable<T>
{
    /// <summary>Creates a table.</summary>
    /// <param name="what">What the recipes make, in the singular, for messages.</param>
    /// <param name="recipes">The recipes; the first one is the most common.</param>
    public RecipeTable(string what, params ReadOnlySpan<Recipe<T>> recipes)
    {
        What = what;
        Recipes = recipes.ToArray();
    }

    /// <summary>What the recipes make, in the singular.</summary>
    public string What { get; }

    /// <summary>The recipes; the first one is the most common.</summary>
    public IReadOnlyList<Recipe<T>> Recipes { get; }

    /// <summary>Every name that the table knows, aliases included.</summary>
    public IEnumerable<string> Names => Recipes.SelectMany(recipe => recipe.Aliases.Prepend(recipe.Name));

    /// <summary>The recipe of that name or alias; null when there is none.</summary>
    public Recipe<T>? Find(string name) => Recipes.FirstOrDefault(recipe => recipe.Name == name || recipe.Aliases.Contains(name));
}
