using System.Runtime.InteropServices;

namespace Tessera.Cli.Diagnostics;

/// <summary>The .NET runtime and the operating system that this process runs on.</summary>
/// <param name="Framework">The runtime, such as <c>.NET 10.0.12</c>.</param>
/// <param name="Folder">Where the runtime lies.</param>
/// <param name="OsName">The system's own description.</param>
/// <param name="Kernel">Its kernel.</param>
/// <param name="Platform">System and processor as package folders are named: <c>linux-x64</c>, <c>linux-musl-x64</c>, <c>osx-arm64</c>, …</param>
internal sealed record RuntimeFacts(string Framework, string Folder, string OsName, string Kernel, string Platform)
{
    /// <summary>The facts of this process.</summary>
    public static RuntimeFacts Gather() => new(
        RuntimeInformation.FrameworkDescription,
        RuntimeEnvironment.GetRuntimeDirectory().TrimEnd(Path.DirectorySeparatorChar),
        RuntimeInformation.OSDescription,
        Environment.OSVersion.VersionString,
        ThisPlatform());

    private static string ThisPlatform()
    {
        string id = RuntimeInformation.RuntimeIdentifier;
        string system = OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : id.Contains("musl", StringComparison.Ordinal) || id.Contains("alpine", StringComparison.Ordinal) ? "linux-musl"
            : OperatingSystem.IsLinux() ? "linux" : "other";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}

/// <summary>Checks the runtime and the system.</summary>
internal static class RuntimeChecks
{
    // The packages libtorch-cpu-* of TorchSharp 0.107; there is no other.
    private static readonly string[] PlatformsOfLibtorch = ["linux-x64", "win-x64", "osx-arm64"];

    /// <summary>The rows <c>dotnet</c> and <c>os</c>.</summary>
    public static IReadOnlyList<Check> Of(RuntimeFacts facts) => [Runtime(facts), System(facts)];

    private static Check Runtime(RuntimeFacts facts) => new("dotnet", ".NET runtime", CheckState.Ok, $"{facts.Framework} in {facts.Folder}")
    {
        Details = new Dictionary<string, object?> { ["framework"] = facts.Framework, ["folder"] = facts.Folder },
    };

    private static Check System(RuntimeFacts facts)
    {
        bool isSupported = PlatformsOfLibtorch.Contains(facts.Platform);
        return new Check(
            "os",
            "operating system",
            isSupported ? CheckState.Ok : CheckState.Missing,
            $"{facts.OsName}, {facts.Kernel}, {facts.Platform}" + (isSupported ? "" : "; TorchSharp has no libtorch for it, so nothing can be trained here (compiled models run)"),
            isSupported ? null : $"train on {string.Join(", ", PlatformsOfLibtorch)}" + (facts.Platform.Contains("musl", StringComparison.Ordinal) ? ": on Alpine, in a container of a glibc system such as Debian 13" : ""))
        {
            Details = new Dictionary<string, object?> { ["name"] = facts.OsName, ["kernel"] = facts.Kernel, ["platform"] = facts.Platform },
        };
    }
}
