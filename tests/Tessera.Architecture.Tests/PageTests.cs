using System.Text.RegularExpressions;

namespace Tessera.Architecture.Tests;

/// <summary>Files that the pages name are there, at the path that they name.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void Every_source_file_that_a_page_names_exists()
    {
        string[] sources = [.. new[] { "src", "tests", "benchmarks", "samples" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(path => Path.DirectorySeparatorChar + Path.GetRelativePath(Repository.Root, path))];
        string[] pages = [Path.Combine(Repository.Root, "README.md"), .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)];
        (string Page, string File)[] named = [.. pages.SelectMany(page => FileName().Matches(File.ReadAllText(page)).Select(match => (Path.GetRelativePath(Repository.Root, page), match.Groups[1].Value)))];

        Assert.NotEmpty(named);

        // Graph/Ops/Add.cs stands for src/Tessera.Graph/Ops/Add.cs, Add.cs for a file of that name anywhere.
        Repository.AssertNone([.. named
            .Where(mention => !sources.Any(source => source.EndsWith('/' + mention.File, StringComparison.Ordinal) || source.EndsWith("Tessera." + mention.File, StringComparison.Ordinal)))
            .Select(mention => $"{mention.Page} names {mention.File}, which does not exist.")]);
    }

    [GeneratedRegex(@"`([A-Za-z0-9_./]+\.cs)`")]
    private static partial Regex FileName();
}
