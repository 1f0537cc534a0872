using System.Globalization;

namespace Tessera.Data;

/// <summary>All samples of a split, and what they tell together.</summary>
internal sealed class SplitFacts(string split, LabelMeaning meaning, LabelEncodingKind kind, IReadOnlyList<SampleFacts> samples)
{
    private readonly LabelStatistics _statistics = Sum(samples, meaning.Classes.Count);

    public string Split => split;

    public IReadOnlyList<SampleFacts> Samples => samples;

    public LabelStatistics Statistics => _statistics;

    public IReadOnlyList<string> Groups { get; } = [.. samples.Select(sample => sample.Group).Where(group => group.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    public SplitSummary Summarise()
    {
        long all = _statistics.Pixels, valid = Math.Max(1, _statistics.ClassPixels.Sum());
        return new SplitSummary(
            split, samples.Count,
            [.. samples.Where(sample => sample.Size.Height > 0).GroupBy(sample => sample.Size).Select(size => new SizeCount(size.Key.Height, size.Key.Width, size.Count()))
                .OrderByDescending(size => size.Images).ThenBy(size => size.Height).ThenBy(size => size.Width)],
            meaning.Name, Guess(), all, all > 0 ? _statistics.IgnoredPixels / (double)all : 0,
            [.. meaning.Classes.Classes.Select((entry, i) => new ClassCount(i, entry.Name, _statistics.ClassPixels[i], _statistics.ClassPixels[i] / (double)valid, _statistics.ClassImages[i]))],
            Groups);
    }

    /// <summary>What is wrong with the split as a whole.</summary>
    /// <param name="mostIgnored">A larger share of ignored pixels is a warning.</param>
    /// <param name="isPack">Whether the mend is to pack again.</param>
    public IEnumerable<Finding> Check(double mostIgnored, bool isPack)
    {
        EncodingGuess? guess = Guess();
        if (guess is not null && guess.Encoding != meaning.Name && !Described(guess.Encoding))
        {
            FindingSeverity severity = guess.Confidence >= EncodingGuess.Certain ? FindingSeverity.Error : FindingSeverity.Warning;
            yield return new Finding(
                severity, "encoding", split, "",
                string.Create(CultureInfo.InvariantCulture, $"The labels are declared as '{meaning.Name}' but look like '{guess.Encoding}' (confidence {guess.Confidence:F2}): {guess.Reason}."),
                (isPack ? "Pack the data again with " : "Set ") + SettingFor(guess.Encoding) + ".");
        }

        if (_statistics.Images > 0 && _statistics.ClassPixels.Sum() == 0)
        {
            yield return new Finding(FindingSeverity.Error, "nothing-to-learn", split, "", "No pixel of any label has a class: all are ignored or mean nothing.", "Change 'labels' or 'ids' so that label values become train ids.");
            yield break;
        }

        double ignored = _statistics.Pixels > 0 ? _statistics.IgnoredPixels / (double)_statistics.Pixels : 0;
        if (ignored > mostIgnored)
        {
            yield return new Finding(
                FindingSeverity.Warning, "ignored-share", split, "", string.Create(CultureInfo.InvariantCulture, $"{ignored * 100:F1} % of the pixels are ignored."),
                "Check 'ids': which label ids become 255?");
        }

        if (samples.Where(sample => sample.Size.Height > 0).Select(sample => sample.Size).Distinct().Count() is > 1 and int sizes)
        {
            yield return new Finding(FindingSeverity.Info, "sizes", split, "", $"The images have {sizes} different sizes; each is resized to the network's input.", "Nothing, or pack with --resize H,W to save time while training.");
        }

        foreach (SampleFacts sample in samples.Where(sample => sample.Label is { } label && label.ClassPixels.Sum() == 0))
        {
            yield return new Finding(FindingSeverity.Warning, "empty-label", split, sample.File, "All pixels of the label are ignored.", "Remove the pair: it teaches nothing.");
        }
    }

    /// <summary>The classes of which the split has no pixel.</summary>
    public IEnumerable<int> MissingClasses() => Enumerable.Range(0, meaning.Classes.Count).Where(trainId => _statistics.ClassPixels[trainId] == 0);

    public string ClassName(int trainId) => meaning.Classes.Classes[trainId].Name;

    private EncodingGuess? Guess()
    {
        IGrouping<string, SampleFacts>? most = samples.Where(sample => sample.Format.Length > 0).GroupBy(sample => sample.Format).MaxBy(format => format.Count());
        if (most is null)
        {
            return null;
        }

        if (most.Key != "gray" || kind is LabelEncodingKind.Palette or LabelEncodingKind.Rgb)
        {
            string name = most.Key == "gray" ? "train-ids" : most.Key;
            return new EncodingGuess(kind == LabelEncodingKind.Rgb && most.Key == "palette" ? "rgb" : name, 1, $"{most.Count()} of {samples.Count} label files have the format {most.Key}");
        }

        return _statistics.Pixels > 0 ? EncodingGuess.FromValues(_statistics.PixelsByValue, meaning) : null;
    }

    /// <summary>Whether every file has a finding of its own for this already.</summary>
    private bool Described(string encoding) => encoding is "palette" or "rgb" && samples.All(sample => sample.Findings.Any(finding => finding.Code == "label-format"));

    private static string SettingFor(string encoding) => encoding == "train-ids+1" ? "'labels: ids' and 'ids: {0: 255, 1: 0, 2: 1, …}'" : $"'labels: {encoding}'";

    private static LabelStatistics Sum(IReadOnlyList<SampleFacts> samples, int classes)
    {
        var sum = new LabelStatistics(classes);
        foreach (SampleFacts sample in samples)
        {
            if (sample.Label is { } label)
            {
                sum.Add(label);
            }
        }

        return sum;
    }
}
