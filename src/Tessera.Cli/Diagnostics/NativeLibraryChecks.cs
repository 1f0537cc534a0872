using System.Text.RegularExpressions;

namespace Tessera.Cli.Diagnostics;

/// <summary>Turns what a probe found into a row.</summary>
internal static partial class NativeLibraryChecks
{
    /// <summary>The row of a library.</summary>
    /// <param name="dependency">The library.</param>
    /// <param name="probe">What its probe found.</param>
    /// <param name="standardLibrary">Needed for the remedy where a symbol version is missing.</param>
    public static Check Of(NativeDependency dependency, ProbeResult probe, StandardLibraryFacts standardLibrary)
    {
        (CheckState state, string found, string? remedy) = Judge(dependency, probe, standardLibrary);
        return new Check(dependency.Id, dependency.Name, state, found, remedy)
        {
            Details = new Dictionary<string, object?>
            {
                ["file"] = probe.Load?.File,
                ["engine"] = probe.Load?.Engine,
                ["version"] = probe.Load?.Version,
                ["loads"] = probe.Load is { File: not null, Fault: null },
                ["fault"] = probe.Load?.Fault ?? probe.Compute?.Fault ?? (probe.Child.ExitCode == 0 ? null : probe.Child.Ending),
            },
        };
    }

    private static (CheckState State, string Found, string? Remedy) Judge(NativeDependency dependency, ProbeResult probe, StandardLibraryFacts standardLibrary) => probe switch
    {
        { Load: null } => (CheckState.Failed, $"loading it was tried in a child process, which {probe.Child.Ending}", EndingRemedy(dependency, probe.Child)),
        { Load: { File: null } } => (CheckState.Missing, $"{dependency.Files[0]} does not lie beside the program", Rebuild(dependency)),
        { Load: { File: { } file, Fault: { } fault } } => LoadFault(dependency, file, fault, standardLibrary),
        { Compute: null } => (CheckState.Failed, $"{probe.Load.File} loads, but the child process that computed with it {probe.Child.Ending}", EndingRemedy(dependency, probe.Child)),
        { Compute.Fault: { } fault } => (CheckState.Failed, $"{probe.Load.File} loads, but does not work: {fault}", Rebuild(dependency)),
        _ => (CheckState.Ok, $"{probe.Load.Version ?? "version not known"}, {probe.Load.File}" + (probe.Load.Engine is null ? "" : $" with {probe.Load.Engine}"), null),
    };

    private static (CheckState State, string Found, string Remedy) LoadFault(NativeDependency dependency, string file, string fault, StandardLibraryFacts standardLibrary)
    {
        if (MissingVersion().Match(fault) is { Success: true } version)
        {
            string symbol = version.Groups["version"].Value, by = version.Groups["by"].Success ? $" (needed by {version.Groups["by"].Value})" : "";
            return (
                CheckState.Missing,
                $"{file} does not load: {version.Groups["file"].Value} lacks {symbol}{by}",
                symbol.StartsWith("GLIBC_", StringComparison.Ordinal) ? "use a system with a newer C library, such as Debian 13 or Ubuntu 24.04" : StandardLibraryCheck.Remedy(standardLibrary));
        }

        if (MissingFile().Match(fault) is { Success: true } missing)
        {
            string name = missing.Groups["file"].Value;
            return (CheckState.Missing, $"{file} does not load: it needs {name}, which the loader does not find", $"install the system's package that holds {name}; if the name is one of this program's own libraries: {Rebuild(dependency)}");
        }

        // "Unable to load ..." and a hint come first; the loader's own words name the file.
        string reason = fault.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith(file + ":", StringComparison.Ordinal)) ?? fault.Split('\n')[0].Trim();
        return (CheckState.Failed, $"{file} does not load: {reason}", Rebuild(dependency));
    }

    private static string EndingRemedy(NativeDependency dependency, ChildResult child) => child switch
    {
        { Signal: "SIGILL" } => "the library uses an instruction that this processor lacks: use a newer one, or a virtual machine's processor type that passes AVX2 on",
        { Signal: "SIGKILL" } => "most likely memory ran out: end other programs, or raise the container's limit",
        { TimedOut: true } => "try again when the machine is less busy: ./tessera doctor",
        { ExitCode: null } => "see that dotnet is on the PATH: command -v dotnet",
        _ => Rebuild(dependency),
    };

    /// <summary>The output folder holds links into the NuGet cache, so a damaged file is damaged in both.</summary>
    private static string Rebuild(NativeDependency dependency) => $"fetch it and build again: rm -rf ~/.nuget/packages/{dependency.Packages} artifacts && ./tessera doctor";

    [GeneratedRegex(@"(?<file>[^\s:]+): version [`'](?<version>[^']+)' not found(?: \(required by (?<by>[^)]+)\))?")]
    private static partial Regex MissingVersion();

    [GeneratedRegex(@"(?<file>[^\s:]+): cannot open shared object file")]
    private static partial Regex MissingFile();
}
