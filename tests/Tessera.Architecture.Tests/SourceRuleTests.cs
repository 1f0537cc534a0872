namespace Tessera.Architecture.Tests;

public sealed class SourceRuleTests
{
    private const int MostLines = 700;
    private const long MostBytes = 10 * 1024 * 1024;

    private static readonly string[] UntellingNames = ["Utils", "Utilities", "Helper", "Manager"];

    private static readonly string[] UnfinishedMarks = ["TODO", "NotImplementedException", "#pragma warning disable"];

    [Fact]
    public void No_source_file_is_too_long_to_read()
    {
        Assert.NotEmpty(Repository.SourceFiles);
        Repository.AssertNone([.. Repository.SourceFiles
            .Select(file => (file, lines: File.ReadLines(Path.Combine(Repository.Root, file)).Count()))
            .Where(entry => entry.lines > MostLines)
            .Select(entry => $"{entry.file} has {entry.lines} lines; {MostLines} are allowed.")]);
    }

    [Fact]
    public void No_file_has_a_name_that_says_nothing()
    {
        Assert.NotEmpty(Repository.SourceFiles);
        Repository.AssertNone([.. Repository.SourceFiles.Where(SaysNothing)]);
    }

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        string[] types = [.. Repository.SourceProjects.SelectMany(project => project.DeclaredTypes())];
        Assert.NotEmpty(types);
        Repository.AssertNone([.. types.Where(SaysNothing)]);
    }

    [Fact]
    public void No_source_file_carries_unfinished_work_or_silenced_warnings()
    {
        Assert.NotEmpty(Repository.SourceFiles);
        var violations = new List<string>();
        foreach (string file in Repository.SourceFiles)
        {
            string text = File.ReadAllText(Path.Combine(Repository.Root, file));
            violations.AddRange(UnfinishedMarks.Where(mark => text.Contains(mark, StringComparison.Ordinal))
                .Select(mark => $"{file} contains '{mark}'."));
        }

        Repository.AssertNone(violations);
    }

    [Fact]
    public void Files_are_flushed_to_the_disk_only_where_a_failure_is_noticed()
    {
        // FileStream.Flush(true) returns although fsync failed; Durability.Flush throws.
        Assert.NotEmpty(Repository.SourceFiles);
        Repository.AssertNone([.. Repository.SourceFiles
            .Where(file => Path.GetFileName(file) != "Durability.cs")
            .Where(file => File.ReadLines(Path.Combine(Repository.Root, file)).Any(line =>
                !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && (line.Contains("Flush(true", StringComparison.Ordinal) || line.Contains("flushToDisk", StringComparison.Ordinal))))
            .Select(file => $"{file} flushes with FileStream; use Durability.Flush.")]);
    }

    [Fact]
    public void Every_source_project_has_a_test_project()
    {
        Assert.NotEmpty(Repository.SourceProjects);
        Repository.AssertNone([.. Repository.SourceProjects
            .Select(project => $"tests/{project.Name}.Tests/{project.Name}.Tests.csproj")
            .Where(path => !File.Exists(Path.Combine(Repository.Root, path)))
            .Select(path => $"{path} is missing.")]);
    }

    [RequiresGitFact]
    public void No_tracked_file_is_large()
    {
        // A file may be deleted and not yet committed.
        FileInfo[] files = [.. Repository.TrackedFiles().Select(file => new FileInfo(Path.Combine(Repository.Root, file))).Where(file => file.Exists)];
        Assert.NotEmpty(files);
        Repository.AssertNone([.. files.Where(file => file.Length > MostBytes)
            .Select(file => $"{file.FullName} has {file.Length} bytes; {MostBytes} are allowed.")]);
    }

    private static bool SaysNothing(string name) =>
        UntellingNames.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
}
