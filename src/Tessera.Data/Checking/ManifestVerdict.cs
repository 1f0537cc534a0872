using System.Globalization;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>What a pack's manifest alone says about whether it may be trained; costs no decoding.</summary>
/// <param name="Pack">The pack's folder.</param>
/// <param name="Findings">What is wrong; empty where nothing is, or where the pack has no manifest to judge by.</param>
public sealed record ManifestVerdict(string Pack, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether the manifest shows no error.</summary>
    public bool MayTrain => Findings.All(finding => finding.Severity != FindingSeverity.Error);

    /// <summary>Judges a pack.</summary>
    /// <param name="dataset">The opened pack.</param>
    /// <param name="classes">The names of the network's classes by train id.</param>
    /// <param name="isTraining">Whether the network is to learn from the pack, so that one class alone is an error.</param>
    public static ManifestVerdict Of(SegmentationDataset dataset, IReadOnlyList<string> classes, bool isTraining = false)
    {
        if (dataset.Metadata?.Manifest is not { } manifest)
        {
            return new ManifestVerdict(dataset.Path, []);
        }

        LabelMeaning meaning = LabelMeaning.Of(dataset.Metadata);
        return new ManifestVerdict(dataset.Path, [.. Errors(manifest, meaning, classes, isTraining).Select(error => new Finding(FindingSeverity.Error, error.Code, "", dataset.Path, error.Message, error.Remedy))]);
    }

    /// <summary>Refuses a pack whose manifest shows an error.</summary>
    /// <param name="trustData">Whether the user said to train all the same (<c>--trust-data</c>).</param>
    /// <exception cref="BadFileException">The manifest shows an error, and the user did not say so.</exception>
    public void Require(bool trustData)
    {
        if (!trustData && Findings.FirstOrDefault(finding => finding.Severity == FindingSeverity.Error) is { } error)
        {
            throw new BadFileException($"The pack {Pack} should not be trained: {error.Message} {error.Remedy} To train it all the same, say --trust-data.");
        }
    }

    private static IEnumerable<(string Code, string Message, string Remedy)> Errors(PackManifest manifest, LabelMeaning meaning, IReadOnlyList<string> classes, bool isTraining)
    {
        LabelStatistics counts = manifest.Statistics;
        if (ClassNames.FirstDifference([.. manifest.Classes.Classes.Select(entry => entry.Name)], "the pack", classes, "the configuration") is { } difference)
        {
            yield return ("other-classes", $"It has other classes: {difference}.", "Give the class file with which it was packed as 'classes' (and its number as 'model.head.num_classes'), or pack the data with the configuration's classes.");
        }

        if (counts.UnknownPixels > 0)
        {
            int value = Enumerable.Range(0, 256).First(v => counts.PixelsByValue[v] > 0 && manifest.Remap.TrainIdOf((byte)v) is var id && (id == LabelRemap.Unknown || (id >= manifest.Classes.Count && id != ClassTable.Ignore)));
            yield return ("unknown-value", $"{counts.UnknownPixels} label pixels mean no class, the first with the value {value}.", "Run 'tessera data check' on the source data and pack them again.");
        }

        if (counts.ClassPixels.Sum() == 0)
        {
            yield return ("nothing-to-learn", "No pixel of any label has a class: all are ignored or mean nothing.", "Run 'tessera data check' on the source data and pack them again with the right --labels or --ids.");
        }
        else
        {
            if (isTraining && counts.ClassPixels.Count(pixels => pixels > 0) == 1)
            {
                string only = manifest.Classes.Classes[counts.ClassPixels.Index().First(entry => entry.Item > 0).Index].Name;
                yield return (
                    "single-class", $"Only the class '{only}' occurs, and all other pixels are ignored: a network that always says it has loss 0 and mIoU 100 %.",
                    "Run 'tessera data check' on the source data: it says which option gives the other values a class, if they have one.");
            }

            EncodingGuess? guess = EncodingGuess.FromValues(counts.PixelsByValue, meaning);
            if (guess is not null && guess.Encoding != meaning.Name && guess.Confidence >= EncodingGuess.Certain)
            {
                yield return (
                    "encoding", string.Create(CultureInfo.InvariantCulture, $"Its labels are declared as '{meaning.Name}' but look like '{guess.Encoding}' (confidence {guess.Confidence:F2}): {guess.Reason}."),
                    $"Pack the data again with {LabelMeaning.OptionsFor(guess.Encoding, meaning.Classes.Count)}.");
            }
        }
    }
}
