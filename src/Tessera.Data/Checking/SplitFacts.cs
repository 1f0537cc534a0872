using System.Globalization;

namespace Tessera.Data;

/// <summary>All samples of a split, and what they tell together.</summary>
internal sealed class SplitFacts(string split, LabelMeaning meaning, LabelEncodingKind kind, IReadOnlyList<SampleFacts> samples)
{
    private readonly LabelStatistics _statistics = Sum(samples, meaning.Classes.Count);

    public string Split => split;

    public LabelMeaning Meaning => meaning;

    /// <summary>The encoding that the labels look like; null where nothing was judged.</summary>
    public EncodingGuess? Guess { get; set; }

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
            meaning.Name, Guess, all, all > 0 ? _statistics.IgnoredPixels / (double)all : 0,
            [.. meaning.Classes.Classes.Select((entry, i) => new ClassCount(i, entry.Name, _statistics.ClassPixels[i], _statistics.ClassPixels[i] / (double)valid, _statistics.ClassImages[i]))],
            Groups);
    }

    /// <summary>What is wrong with the split as a whole.</summary>
    /// <param name="mostIgnored">A larger share of ignored pixels is a warning.</param>
    public IEnumerable<Finding> Check(double mostIgnored)
    {
        if (_statistics.ClassPixels.Sum() == 0)
        {
            yield break;
        }

        double ignored = _statistics.Pixels > 0 ? _statistics.IgnoredPixels / (double)_statistics.Pixels : 0;
        if (ignored > mostIgnored)
        {
            yield return new Finding(
                FindingSeverity.Warning, "ignored-share", split, "", string.Create(CultureInfo.InvariantCulture, $"{ignored * 100:F1} % of the pixels are ignored."),
                "Check with --labels and --ids, or in the class file, which label values are ignored.");
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

    /// <summary>Whether the files' format alone tells their encoding.</summary>
    public bool HasFormatGuess => FormatGuess() is not null;

    /// <summary>What the label files' format tells; null where they are gray, so that their values must tell.</summary>
    public EncodingGuess? FormatGuess()
    {
        IGrouping<string, SampleFacts>? most = samples.Where(sample => sample.Format.Length > 0).GroupBy(sample => sample.Format).MaxBy(format => format.Count());
        if (most is null || (most.Key == "gray" && kind is not (LabelEncodingKind.Palette or LabelEncodingKind.Rgb)) || (most.Key == "palette" && kind == LabelEncodingKind.Palette))
        {
            return null;
        }

        string name = most.Key == "gray" ? LabelMeaning.TrainIdsName : kind == LabelEncodingKind.Rgb && most.Key == "palette" ? "rgb" : most.Key;
        return new EncodingGuess(name, 1, $"{most.Count()} of {samples.Count} label files have the format {most.Key}");
    }

    /// <summary>Whether every file has a finding of its own that says already which encoding it has.</summary>
    public bool DescribesEach(string encoding) => encoding is "palette" or "rgb" && samples.All(sample => sample.Findings.Any(finding => finding.Code == "label-format"));

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
