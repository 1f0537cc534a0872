using System.Text.RegularExpressions;

namespace Tessera.Architecture.Tests;

/// <summary>Folders of users are listed by FolderTree alone, which knows links, hidden files, pipes, bad names and missing rights.</summary>
public sealed partial class FolderListingTests
{
    private const string Listing = "FolderTree.cs";

    /// <summary>
    /// These look only into folders that Tessera or the system made, ask no more than whether a folder is empty, or (LmdbStore) look for packs to name in a message.
    /// </summary>
    private static readonly string[] Allowed =
    [
        Listing, "AcceleratorChecks.cs", "CityscapesArchive.cs", "DeadRuns.cs", "DemoFolder.cs", "LeftOvers.cs", "LmdbPackWriter.cs", "LmdbStore.cs", "PeakMeasurement.cs",
        "RunLock.cs", "SyntheticDataset.cs", "UnfinishedFolder.cs",
    ];

    [Fact]
    public void Folders_of_users_are_listed_in_one_place()
    {
        string[] files = [.. Repository.SourceFiles.Where(file => Lists().IsMatch(File.ReadAllText(Path.Combine(Repository.Root, file))))];
        Assert.Contains(Listing, files.Select(Path.GetFileName));
        Repository.AssertNone([.. files.Where(file => !Allowed.Contains(Path.GetFileName(file))).Select(file => $"{file} lists a folder by itself; use FolderTree.")]);
    }

    [GeneratedRegex(@"\.(Enumerate|Get)(Files|Directories|FileSystemEntries|FileSystemInfos)\(|FileSystemEnumera")]
    private static partial Regex Lists();
}
