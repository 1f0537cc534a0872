using Tessera.Cli.Alignment;
using Tessera.Cli.Diagnostics;

namespace Tessera.Cli.Tests.Diagnostics;

/// <summary>Machines that are not there: a healthy one, and what tests change about it.</summary>
internal static class FakeMachine
{
    public const string SetupScript = "/src/tessera/scripts/setup";

    private static readonly ChildResult InOrder = new(0, "", "");

    public static MachineFacts Healthy { get; } = new(
        new RuntimeFacts(".NET 10.0.1", "/usr/share/dotnet", "Debian GNU/Linux 13 (trixie)", "Unix 6.12", "linux-x64"),
        new ProcessorFacts("Some Processor", 2, ["SSE2", "AVX2"], [], "avx2 (also scalar)"),
        new MemoryFacts(8 * ByteCount.GiB, 6 * ByteCount.GiB, null),
        new FolderFacts("/home/user", 20 * ByteCount.GiB, null),
        new FolderFacts("/tmp", 20 * ByteCount.GiB, null),
        new StandardLibraryFacts("linux-x64", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.33", new Version(3, 4, 33), new OsRelease("debian", "13"), null, SetupScript),
        NativeDependency.All.ToDictionary(one => one, one => Working(one)),
        new AcceleratorFacts([], null, [], false, null),
        [new RoundingCase("Requantize(5, 0.5, -128)", 2, 2)],
        new SelfTestResult([Output()], [Output()], 16));

    /// <summary>The machine with another library probe.</summary>
    public static MachineFacts With(this MachineFacts machine, NativeDependency dependency, ProbeResult probe) =>
        machine with { Probes = new Dictionary<NativeDependency, ProbeResult>(machine.Probes) { [dependency] = probe } };

    /// <summary>The row of that id.</summary>
    public static Check Row(this MachineFacts machine, string id) => Diagnosis.Judge(machine).Single(check => check.Id == id);

    /// <summary>The ids of the rows that are not ok, with their states.</summary>
    public static string[] NotOk(this MachineFacts machine) =>
        [.. Diagnosis.Judge(machine).Where(check => check.State != CheckState.Ok).Select(check => $"{check.Id} {check.State}")];

    /// <summary>Where a library lies.</summary>
    public static string FileOf(NativeDependency dependency) => $"/app/{dependency.Files[0]}";

    /// <summary>A library that loads and computes what the reference does.</summary>
    public static ProbeResult Working(NativeDependency dependency) => new(
        new LoadReport(FileOf(dependency), null, "1.2.3"),
        new ComputeReport(null, dependency == NativeDependency.Skia ? [] : [ComputedOutput.Of(Output())]),
        InOrder);

    /// <summary>A library about which the loader complains.</summary>
    public static ProbeResult NotLoading(NativeDependency dependency, string loadersWords) => new(
        new LoadReport(FileOf(dependency), $"Unable to load shared library '{FileOf(dependency)}' or one of its dependencies. In order to help diagnose loading problems, consider using a tool like strace.\n{loadersWords}\n", null),
        null,
        InOrder);

    /// <summary>A library whose process ended: while computing when <paramref name="loaded"/>, else while loading.</summary>
    public static ProbeResult Ended(NativeDependency dependency, ChildResult child, bool loaded = false) =>
        new(loaded ? new LoadReport(FileOf(dependency), null, "1.2.3") : null, null, child);

    /// <summary>Four logits and two pixels; the last logit and one layer can be another.</summary>
    public static RunnerOutput Output(sbyte lastLogit = 4, byte lastPixel = 1, byte layer = 7) =>
        new([1, 2, 3, lastLogit], [0, lastPixel], Height: 1, Width: 2) { Layers = new Dictionary<string, byte[]> { ["stem"] = [layer], ["head"] = [9] } };
}
