namespace Tessera.Core;

/// <summary>Compares the classes of two things that must mean the same: pack, checkpoint, artefact, configuration. A name and its place count, colours do not.</summary>
public static class ClassNames
{
    /// <summary>The first difference in words; null where all names agree in their order.</summary>
    /// <param name="first">The names of one, by train id.</param>
    /// <param name="firstOwner">What has them, as a part of a sentence: "the configuration".</param>
    /// <param name="second">The names of the other.</param>
    /// <param name="secondOwner">What has these.</param>
    public static string? FirstDifference(IReadOnlyList<string> first, string firstOwner, IReadOnlyList<string> second, string secondOwner)
    {
        if (first.Count != second.Count)
        {
            return $"{firstOwner} has {first.Count} classes and {secondOwner} {second.Count}";
        }

        for (int id = 0; id < first.Count; id++)
        {
            if (first[id] != second[id])
            {
                return $"class {id} is '{first[id]}' in {firstOwner} and '{second[id]}' in {secondOwner}";
            }
        }

        return null;
    }
}
