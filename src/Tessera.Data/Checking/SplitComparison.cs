namespace Tessera.Data;

/// <summary>What several splits must not share: a network is judged by images that it has not seen.</summary>
internal static class SplitComparison
{
    public static IEnumerable<Finding> Check(IReadOnlyList<SplitFacts> splits, bool nearDuplicates)
    {
        IEnumerable<Finding> findings = IdenticalImages(splits).Concat(MissingClasses(splits)).Concat(SharedGroups(splits));
        return nearDuplicates ? findings.Concat(NearImages(splits)) : findings;
    }

    private static IEnumerable<Finding> IdenticalImages(IReadOnlyList<SplitFacts> splits)
    {
        var first = new Dictionary<string, (string Split, SampleFacts Sample)>();
        foreach (SplitFacts split in splits)
        {
            foreach (SampleFacts sample in split.Samples.Where(sample => sample.ImageHash.Length > 0))
            {
                if (first.TryAdd(sample.ImageHash, (split.Split, sample)))
                {
                    continue;
                }

                (string otherSplit, SampleFacts other) = first[sample.ImageHash];
                bool across = otherSplit != split.Split;
                yield return new Finding(
                    across ? FindingSeverity.Error : FindingSeverity.Warning, across ? "same-image-in-splits" : "same-image", across ? $"{otherSplit}, {split.Split}" : split.Split, sample.File,
                    $"Its image has exactly the pixels of {other.File}'s" + (across ? $" in {otherSplit}: the score would measure memory." : "."),
                    across ? $"Remove the pair from {split.Split} or from {otherSplit}." : "Remove one of the two pairs.");
            }
        }
    }

    private static IEnumerable<Finding> NearImages(IReadOnlyList<SplitFacts> splits)
    {
        for (int a = 0; a < splits.Count; a++)
        {
            for (int b = a + 1; b < splits.Count; b++)
            {
                foreach (SampleFacts sample in splits[b].Samples.Where(sample => sample.Pattern is not null))
                {
                    SampleFacts? near = splits[a].Samples.FirstOrDefault(other =>
                        other.Pattern is { } pattern && other.ImageHash != sample.ImageHash && ImagePattern.AreNear(pattern, sample.Pattern!.Value));
                    if (near is not null)
                    {
                        yield return new Finding(
                            FindingSeverity.Warning, "similar-image-in-splits", $"{splits[a].Split}, {splits[b].Split}", sample.File,
                            $"Its image looks like {near.File}'s in {splits[a].Split}: neighbouring frames flatter the score.", "Split by city or drive instead of by frame.");
                    }
                }
            }
        }
    }

    private static IEnumerable<Finding> MissingClasses(IReadOnlyList<SplitFacts> splits)
    {
        SplitFacts[] counted = [.. splits.Where(split => split.Statistics.ClassPixels.Sum() > 0)];
        SplitFacts? train = counted.FirstOrDefault(split => split.Split == "train");
        foreach (SplitFacts split in counted)
        {
            string[] names = [.. split.MissingClasses().Select(split.ClassName)];
            if (names.Length > 0)
            {
                bool training = split == train;
                yield return new Finding(
                    training ? FindingSeverity.Warning : FindingSeverity.Info, "class-never-seen", split.Split, "", $"No pixel of: {string.Join(", ", names)}.",
                    training ? "Add images that show these classes, or expect an IoU of 0 for them." : "Nothing; the mean leaves out classes that neither labels nor predictions have.");
            }

            string[] untrained = split == train || train is null ? [] : [.. train.MissingClasses().Except(split.MissingClasses()).Select(split.ClassName)];
            if (untrained.Length > 0)
            {
                yield return new Finding(
                    FindingSeverity.Warning, "class-untrained", split.Split, "", $"Classes that train does not have: {string.Join(", ", untrained)}.", "Move some images with these classes to train.");
            }
        }
    }

    private static IEnumerable<Finding> SharedGroups(IReadOnlyList<SplitFacts> splits)
    {
        for (int a = 0; a < splits.Count; a++)
        {
            for (int b = a + 1; b < splits.Count; b++)
            {
                string[] shared = [.. splits[a].Groups.Intersect(splits[b].Groups)];
                if (shared.Length > 0)
                {
                    yield return new Finding(
                        FindingSeverity.Warning, "shared-group", $"{splits[a].Split}, {splits[b].Split}", "",
                        $"Both splits have images of {string.Join(", ", shared.Take(5))}{(shared.Length > 5 ? $" and {shared.Length - 5} more" : "")}: what was trained there helps there, and the score flatters.",
                        "Give each city or drive to one split alone, or say so beside the score.");
                }
            }
        }
    }
}
