using System.Diagnostics;

namespace Tessera.Architecture.Tests;

/// <summary>The checkout that these tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds Tessera.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The configuration of this build, in the artifacts folder's spelling: "release" or "debug".</summary>
    public static string Configuration { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    /// <summary>Every project under src, sorted by name.</summary>
    public static IReadOnlyList<SourceProject> SourceProjects { get; } =
        [.. Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => new SourceProject(path))];

    /// <summary>Every C# file under src, as a path relative to <see cref="Root"/>.</summary>
    public static IReadOnlyList<string> SourceFiles { get; } =
        [.. Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    /// <summary>Whether git tracks this checkout (an unpacked archive is not tracked).</summary>
    public static bool IsTracked => Path.Exists(Path.Combine(Root, ".git"));

    /// <summary>The files that git tracks, relative to <see cref="Root"/>.</summary>
    public static IReadOnlyList<string> TrackedFiles()
    {
        // A checkout may belong to somebody else than the one who runs the tests, as in a container.
        var start = new ProcessStartInfo("git", ["-c", "safe.directory=*", "ls-files", "-z"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using Process git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output.Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Fails with the whole list when a rule was broken.</summary>
    public static void AssertNone(IReadOnlyCollection<string> violations) =>
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Tessera.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"No Tessera.slnx above {AppContext.BaseDirectory}.");
    }
}
