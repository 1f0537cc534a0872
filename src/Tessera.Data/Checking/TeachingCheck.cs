using System.Globalization;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Finds labels that teach nothing: no class, one class only, the same label everywhere.</summary>
internal static class TeachingCheck
{
    private const string Test = "test";
    private const int FewestEqualLabels = 3;

    /// <summary>Checks all splits.</summary>
    /// <param name="splits">The splits.</param>
    /// <param name="isComplete">Whether every sample was looked at; else what is missing may lie in the others.</param>
    public static IEnumerable<Finding> Check(IReadOnlyList<SplitFacts> splits, bool isComplete)
    {
        if (splits.FirstOrDefault(split => split.Meaning.Classes.Count == 1) is { } single)
        {
            yield return new Finding(
                FindingSeverity.Error, "one-class", string.Join(", ", splits.Select(split => split.Split)), "",
                $"The class file has one class, '{single.ClassName(0)}': a network always says it, with loss 0 and mIoU 100 %, and learns nothing.",
                "Name two classes at least in the class file, such as {\"classes\": [\"background\", \"object\"]}" + MaskRemedy(splits, 2));
            yield break;
        }

        foreach (SplitFacts split in splits.Where(split => split.Statistics.Images > 0))
        {
            int[] present = [.. Enumerable.Range(0, split.Meaning.Classes.Count).Where(trainId => split.Statistics.ClassPixels[trainId] > 0)];
            bool isTraining = split.Split == "train" || splits.Count == 1;
            if (present.Length == 0)
            {
                // The labels of Cityscapes' test images are kept back: files with ignored values stand in their place.
                yield return split.Split == Test
                    ? new Finding(FindingSeverity.Info, "nothing-to-score", split.Split, "", "No pixel of any label has a class: all are ignored, as in Cityscapes' test labels.", "Nothing; score with val.")
                    : new Finding(FindingSeverity.Error, "nothing-to-learn", split.Split, "", "No pixel of any label has a class: all are ignored or mean nothing.",
                        "Say with --labels, --ids or the class file what the values mean, so that they become train ids.");
            }
            else if (present.Length == 1 && isTraining)
            {
                yield return new Finding(
                    isComplete ? FindingSeverity.Error : FindingSeverity.Warning, "single-class", split.Split, "",
                    $"Only the class '{split.ClassName(present[0])}' occurs, and all other pixels are ignored: a network that always says it has loss 0 and mIoU 100 %.",
                    "Add images that show other classes" + MaskRemedy(splits, split.Meaning.Classes.Count));
            }

            if (split.Samples.Count(sample => sample.LabelHash.Length > 0) >= FewestEqualLabels && present.Length > 0
                && split.Samples.Where(sample => sample.LabelHash.Length > 0).Select(sample => sample.LabelHash).Distinct().Count() == 1)
            {
                yield return new Finding(
                    FindingSeverity.Warning, "same-label", split.Split, "", $"All {split.Samples.Count} images have the same label: nothing in an image can tell anything about it.", "Check that each image has its own label.");
            }
        }
    }

    /// <summary>Masks with two values of which 255 counts as ignored mostly mean the second class by it.</summary>
    private static string MaskRemedy(IReadOnlyList<SplitFacts> splits, int classes)
    {
        int[] values = [.. Enumerable.Range(0, 256).Where(value => splits.Any(split => split.Statistics.PixelsByValue[value] > 0))];
        return classes == 2 && values is [int other, ClassTable.Ignore]
            ? string.Create(CultureInfo.InvariantCulture, $". Where {ClassTable.Ignore} means the second class instead of ignored, say --labels ids --ids {other}=0,{ClassTable.Ignore}=1.")
            : ".";
    }
}
