using System.Globalization;
using System.Text;

namespace Tessera.Cli.Diagnostics;

/// <summary>The C++ standard library that libtorch would be loaded with.</summary>
/// <param name="Platform">As in <see cref="RuntimeFacts.Platform"/>.</param>
/// <param name="File">The file, links followed; null when none was found.</param>
/// <param name="Newest">The newest <c>GLIBCXX_</c> version that it has; null when it has none.</param>
/// <param name="Release">The distribution.</param>
/// <param name="SearchPath">The value of <c>LD_LIBRARY_PATH</c>; null when not set.</param>
/// <param name="SetupScript">The path of <c>scripts/setup</c>; null outside a checkout.</param>
internal sealed record StandardLibraryFacts(string Platform, string? File, Version? Newest, OsRelease Release, string? SearchPath, string? SetupScript)
{
    private const string FileName = "libstdc++.so.6";

    private static readonly string[] SystemFolders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib"];

    /// <summary>The facts of this process; the .NET runtime itself has loaded the library, as libtorch will.</summary>
    /// <param name="platform">As in <see cref="RuntimeFacts.Platform"/>.</param>
    public static StandardLibraryFacts Gather(string platform)
    {
        string? searchPath = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH");
        string? file = LoadedFiles.Named(FileName) ?? FirstOf([.. (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), .. SystemFolders]);
        return new StandardLibraryFacts(
            platform,
            file,
            file is null ? null : NewestVersion(System.IO.File.ReadAllBytes(file)),
            OsRelease.Gather(),
            searchPath,
            FindSetupScript());
    }

    /// <summary>The newest <c>GLIBCXX_</c> version among the strings of a library; null when there is none.</summary>
    public static Version? NewestVersion(ReadOnlySpan<byte> library)
    {
        Version? newest = null;
        ReadOnlySpan<byte> mark = "GLIBCXX_"u8;
        for (int at = library.IndexOf(mark); at >= 0; at = library.IndexOf(mark))
        {
            library = library[(at + mark.Length)..];
            int length = library.IndexOfAnyExcept("0123456789."u8);
            if (Version.TryParse(Encoding.ASCII.GetString(length < 0 ? library : library[..length]), out Version? version) && (newest is null || version > newest))
            {
                newest = version;
            }
        }

        return newest;
    }

    private static string? FirstOf(IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(System.IO.File.Exists);

    private static string? FindSetupScript()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, "scripts", "setup");
            if (System.IO.File.Exists(script) && System.IO.File.Exists(Path.Combine(folder.FullName, "Tessera.slnx")))
            {
                return script;
            }
        }

        return null;
    }
}

/// <summary>Checks libstdc++; docs/decisions/0002 has the background.</summary>
internal static class StandardLibraryCheck
{
    /// <summary>What libtorch 2.10 needs: it is built with GCC 13.</summary>
    public static readonly Version Needed = new(3, 4, 32);

    /// <summary>The row <c>libstdcxx</c>.</summary>
    public static Check Of(StandardLibraryFacts facts)
    {
        bool isOld = IsTooOld(facts);
        return new Check(
            "libstdcxx",
            "libstdc++",
            isOld ? CheckState.Missing : CheckState.Ok,
            Found(facts, isOld),
            isOld ? Remedy(facts) : null)
        {
            Details = new Dictionary<string, object?>
            {
                ["file"] = facts.File,
                ["newest"] = facts.Newest is null ? null : Symbol(facts.Newest),
                ["needed"] = facts.Platform == "linux-x64" ? Symbol(Needed) : null,
            },
        };
    }

    /// <summary>What mends a libstdc++ that is too old, as <c>scripts/setup</c> says it.</summary>
    public static string Remedy(StandardLibraryFacts facts)
    {
        string? folder = facts.File is null ? null : (facts.SearchPath ?? "").Split(':').FirstOrDefault(folder => folder.Length > 0 && facts.File.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal));
        if (folder is not null)
        {
            return $"take {folder} out of LD_LIBRARY_PATH, or put a libstdc++.so.6 of GCC 13 or later there";
        }

        return (facts.Release.Id, Major(facts.Release.Version)) switch
        {
            ("debian", 12) => facts.SetupScript is null ? "apt-get install -t trixie libstdc++6, with an apt source for Debian 13" : $"sudo {facts.SetupScript}",
            ("debian", _) => "upgrade to Debian 13, which has it",
            ("ubuntu", _) => "sudo add-apt-repository ppa:ubuntu-toolchain-r/test && sudo apt-get update && sudo apt-get install libstdc++6",
            _ => "install the libstdc++ of GCC 13 or later, or put its libstdc++.so.6 on LD_LIBRARY_PATH (conda install -c conda-forge libstdcxx-ng)",
        };
    }

    private static bool IsTooOld(StandardLibraryFacts facts) => facts.Platform == "linux-x64" && (facts.Newest is null || facts.Newest < Needed);

    private static string Found(StandardLibraryFacts facts, bool isOld)
    {
        if (facts.Platform != "linux-x64")
        {
            return $"not needed: {facts.Platform} has no libtorch that uses it";
        }

        string file = facts.File is null ? "no libstdc++.so.6 found" : $"{facts.File}, newest version {(facts.Newest is null ? "none" : Symbol(facts.Newest))}";
        return isOld ? $"{file}; libtorch needs {Symbol(Needed)}, so nothing can be trained (compiled models run)" : file;
    }

    private static string Symbol(Version version) => $"GLIBCXX_{version}";

    private static int Major(string version) => int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : 0;
}
