using Tessera.Core;

namespace Tessera.Synthetic;

/// <summary>The invented cities of each split. A city is a style: a model is validated in cities where it was not trained.</summary>
internal static class SyntheticCities
{
    private static readonly string[] Train = ["amberg", "birkenau", "carlow", "dornach", "elmstad", "fernhill", "granby", "hollin"];
    private static readonly string[] Val = ["ravenna", "sandwick", "tilburg"];

    /// <summary>The names of a split's cities; scene i lies in city i modulo their number.</summary>
    /// <exception cref="UsageException">There is no such split.</exception>
    public static IReadOnlyList<string> Of(string split) => split switch
    {
        "train" => Train,
        "val" => Val,
        _ => throw new UsageException($"Synthetic streets have no split '{split}'; use train or val."),
    };

    /// <summary>The number that stands for a split in paths of random streams.</summary>
    public static long Code(string split) => split == "train" ? 1 : 2;

    /// <summary>The name of a scene as Cityscapes forms it: city, sequence, frame.</summary>
    public static string SceneName(string split, int index)
    {
        IReadOnlyList<string> cities = Of(split);
        return FormattableString.Invariant($"{cities[index % cities.Count]}_{index / cities.Count:D6}_{index:D6}");
    }
}
