using Tessera.Recipes;
using Tessera.Training;

namespace Tessera.Cli.Configuration;

/// <summary>How one configuration lies over another: maps are merged key by key, everything else is replaced.</summary>
public static class ConfigMerge
{
    /// <summary>The key that names which kind of thing a map describes.</summary>
    public const string TypeKey = "type";

    // Types that have several names: HAT's older and newer ones.
    private static readonly string[][] Synonyms =
        [.. NamesOf(SegmentationLosses.Table(null)), .. NamesOf(LearningRateSchedules.Table(1)), .. NamesOf(Optimizers.Table), .. NamesOf(DataLoaderConfig.Datasets)];

    /// <summary>Lays <paramref name="above"/> over <paramref name="below"/>.</summary>
    /// <remarks>A map that names another <c>type</c> than the one below replaces it whole: the keys of the old type would mean nothing to the new one. Two names of one type are the same.</remarks>
    public static ConfigMap Merge(ConfigMap below, ConfigMap above)
    {
        if (below[TypeKey] is ConfigScalar before && above[TypeKey] is ConfigScalar now && !IsSame(before.Text, now.Text))
        {
            return above;
        }

        var merged = new OrderedDictionary<string, ConfigEntry>(below.Entries.Select(entry => KeyValuePair.Create(entry.Key, entry)));
        foreach (ConfigEntry entry in above.Entries)
        {
            merged[entry.Key] = entry.Value is ConfigMap newMap && merged.TryGetValue(entry.Key, out ConfigEntry? old) && old.Value is ConfigMap oldMap
                ? entry with { Value = Merge(oldMap, newMap) }
                : entry;
        }

        return new ConfigMap([.. merged.Values], above.Source);
    }

    private static bool IsSame(string before, string now) =>
        PlainValue.LastPart(before) == PlainValue.LastPart(now) || Synonyms.Any(names => names.Contains(PlainValue.LastPart(before)) && names.Contains(PlainValue.LastPart(now)));

    private static IEnumerable<string[]> NamesOf<T>(RecipeTable<T> table) => table.Recipes.Where(recipe => recipe.Aliases.Length > 0).Select(recipe => recipe.Aliases.Append(recipe.Name).ToArray());
}
