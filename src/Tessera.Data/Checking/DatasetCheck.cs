using System.Runtime.ExceptionServices;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// The doctor of data sets: looks at every image and label before anything is trained, and says what is wrong, in which file, and what
/// mends it. Faults of the data are findings; only what prevents the check altogether is an exception.
/// </summary>
public static class DatasetCheck
{
    private const string PackSuffix = "_lmdb";

    /// <summary>Checks a data set on disk.</summary>
    /// <param name="layout">The data set.</param>
    /// <param name="options">How thoroughly; null: the defaults.</param>
    /// <param name="progress">Told after each sample, from several threads.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="UsageException">A split does not exist.</exception>
    /// <exception cref="BadFileException">A folder is missing, or there is no split at all.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public static CheckReport Layout(SegmentationLayout layout, DatasetCheckOptions? options = null, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new DatasetCheckOptions();
        ImageLimit.Require(options.MaxMegapixels);
        IReadOnlyList<string> names = options.Splits ?? layout.FindSplits();
        if (names.Count == 0)
        {
            throw new BadFileException($"{layout.Root} holds no split of the layout '{layout.Type}'; check the folder, --layout{(layout.Type == "folders" ? ", --image-dir and --label-dir" : "")}.");
        }

        (string Name, LayoutListing Listing)[] splits = [.. names.Select(name => (name, layout.Scan(name)))];
        var runner = new Runner(options, progress, splits.Sum(split => Limit(split.Listing.Pairs.Count, options)), cancellation);
        var findings = new List<Finding>();
        var facts = new List<SplitFacts>();
        LabelMeaning meaning = LabelMeaning.Of(layout.Encoding);
        foreach ((string name, LayoutListing listing) in splits)
        {
            findings.AddRange(listing.Faults.Select(fault => new Finding(FindingSeverity.Error, "unlisted", name, fault.Path, $"It {fault.Problem}", fault.Remedy)));
            if (listing.Notes.Count > 0)
            {
                findings.Add(new Finding(FindingSeverity.Info, "skipped", name, "", $"{string.Join("; ", listing.Notes)}.", "Nothing, unless they are images or labels."));
            }

            findings.AddRange(listing.ImagesWithoutLabel.Select(pair => new Finding(
                FindingSeverity.Error, "missing-label", name, pair.ImagePath, $"The image has no label; expected {pair.LabelPath}.", "Add the label or remove the image.")));
            findings.AddRange(listing.LabelsWithoutImage.Select(pair => new Finding(
                FindingSeverity.Error, "missing-image", name, pair.LabelPath, $"The label has no image; expected {pair.ImagePath}.", "Add the image or remove the label.")));
            if (listing.Pairs.Count == 0)
            {
                findings.Add(new Finding(FindingSeverity.Error, "no-pairs", name, "", "The split holds no complete pair.", layout.Type == "folders" ? "Check --image-dir, --label-dir, --image-suffix and --label-suffix." : $"Check the folder and --layout, which is {layout.Type}."));
            }

            var inspection = new LayoutInspection(layout, name, options);
            facts.Add(new SplitFacts(name, meaning, layout.Encoding.Kind, runner.Inspect(name, listing.Pairs.Count, i => inspection.Inspect(listing.Pairs[i]))));
        }

        return Report(layout.Root, facts, findings, options, isPack: false);
    }

    /// <summary>Checks packs, each a split of one data set; the split's name is that of the folder without <c>_lmdb</c>.</summary>
    /// <param name="packPaths">The packs' folders.</param>
    /// <param name="options">How thoroughly; null: the defaults.</param>
    /// <param name="progress">Told after each sample, from several threads.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="UsageException">There is no pack, or packs have different numbers of classes.</exception>
    /// <exception cref="BadFileException">A pack cannot be opened.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public static CheckReport Packs(IReadOnlyList<string> packPaths, DatasetCheckOptions? options = null, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new DatasetCheckOptions();
        var stores = new List<LmdbStore>();
        try
        {
            stores.AddRange(packPaths.Select(LmdbStore.Open));
            RequireSameClasses(stores);

            var runner = new Runner(options, progress, stores.Sum(store => Limit(store.Count, options)), cancellation);
            var findings = new List<Finding>();
            var facts = new List<SplitFacts>();
            foreach (LmdbStore store in stores)
            {
                string folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(store.Path));
                string name = folder.EndsWith(PackSuffix, StringComparison.Ordinal) ? folder[..^PackSuffix.Length] : folder;
                LabelMeaning meaning = LabelMeaning.Of(store.Metadata);
                if (options.Classes is { } wanted && store.Metadata?.Manifest is not null && ClassNames.FirstDifference(Names(store), "the pack", wanted, "the configuration") is { } difference)
                {
                    findings.Add(new Finding(
                        FindingSeverity.Error, "other-classes", name, store.Path, $"The pack has other classes than the configuration: {difference}.", "Give the class file with which it was packed as 'classes', or pack the data with the configuration's."));
                }

                var inspection = new PackInspection(store, meaning, name, options.NearDuplicates);
                facts.Add(new SplitFacts(name, meaning, LabelEncodingKind.LabelIds, runner.Inspect(name, store.Count, inspection.Inspect)));
                findings.AddRange(inspection.CheckManifest());
            }

            return Report(string.Join(", ", packPaths), facts, findings, options, isPack: true);
        }
        finally
        {
            stores.ForEach(store => store.Dispose());
        }
    }

    private static void RequireSameClasses(List<LmdbStore> stores)
    {
        if (stores.Count == 0)
        {
            throw new UsageException("Name at least one pack.");
        }

        string[] first = Names(stores[0]);
        foreach (LmdbStore other in stores.Skip(1))
        {
            if (ClassNames.FirstDifference(first, stores[0].Path, Names(other), other.Path) is { } difference)
            {
                throw new UsageException($"Only packs of one data set can be checked together, and these have different classes: {difference}. Check each by itself, or pack them again with one class file.");
            }
        }
    }

    private static string[] Names(LmdbStore store) => [.. LabelMeaning.Of(store.Metadata).Classes.Classes.Select(entry => entry.Name)];

    private static CheckReport Report(string subject, List<SplitFacts> splits, List<Finding> findings, DatasetCheckOptions options, bool isPack)
    {
        // A wrong encoding comes first: it explains the values that mean nothing.
        findings.AddRange(EncodingCheck.Check(splits, isPack));
        findings.AddRange(splits.SelectMany(split => split.Samples).SelectMany(sample => sample.Findings));
        findings.AddRange(TeachingCheck.Check(splits, options.NumSamples is null));
        findings.AddRange(splits.SelectMany(split => split.Check(options.MostIgnored)));
        findings.AddRange(SplitComparison.Check(splits, options.NearDuplicates));

        // Grouping and ordering keep the order of first appearance, so that a report is the same in every run.
        IEnumerable<Finding> grouped = findings.GroupBy(finding => (finding.Severity, finding.Code, finding.Split)).Select(group => group.First() with
        {
            Count = group.Sum(finding => finding.Count),
            Files = [.. group.SelectMany(finding => finding.Files).Take(Math.Max(1, options.MaxFiles))],
        });
        return new CheckReport(subject, [.. splits.Select(split => split.Summarise())], [.. grouped.OrderByDescending(finding => finding.Severity)]);
    }

    private static int Limit(int count, DatasetCheckOptions options) => Math.Min(count, options.NumSamples ?? int.MaxValue);

    /// <summary>Looks at samples in parallel and keeps them in order.</summary>
    private sealed class Runner(DatasetCheckOptions options, IProgress<CheckProgress>? progress, int total, CancellationToken cancellation)
    {
        private int _done;

        public IReadOnlyList<SampleFacts> Inspect(string split, int count, Func<int, SampleFacts> inspect)
        {
            var facts = new SampleFacts[Limit(count, options)];
            try
            {
                Parallel.For(0, facts.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.NumWorkers), CancellationToken = cancellation }, i =>
                {
                    facts[i] = inspect(i);
                    progress?.Report(new CheckProgress(split, Interlocked.Increment(ref _done), total));
                });
            }
            catch (AggregateException faults)
            {
                ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
            }

            return facts;
        }
    }
}
