using System.Runtime.InteropServices;
using System.Text.Json;
using Tessera.Cli.Alignment;

namespace Tessera.Cli.Diagnostics;

/// <summary>How loading went.</summary>
/// <param name="File">The file; null when it is not there.</param>
/// <param name="Fault">The loader's words when it does not load; else null.</param>
/// <param name="Version">The library's version, or its binding's.</param>
/// <param name="Engine">The file that came with it and does the work; null where it does the work itself.</param>
internal sealed record LoadReport(string? File, string? Fault, string? Version, string? Engine = null);

/// <summary>How computing went.</summary>
/// <param name="Fault">What failed; else null.</param>
/// <param name="Outputs">What the self-test's network gave for each image; empty for a library that runs no network.</param>
internal sealed record ComputeReport(string? Fault, IReadOnlyList<ComputedOutput> Outputs);

/// <summary>A <see cref="RunnerOutput"/> in bytes, which JSON writes as base64.</summary>
/// <param name="Logits">The int8 logits, bit by bit.</param>
/// <param name="ClassMap">The class ids.</param>
internal sealed record ComputedOutput(byte[] Logits, byte[] ClassMap)
{
    /// <summary>The bytes of a runner's output.</summary>
    public static ComputedOutput Of(RunnerOutput output) => new(MemoryMarshal.AsBytes<sbyte>(output.Logits).ToArray(), output.ClassMap);

    /// <summary>The runner's output.</summary>
    public RunnerOutput ToRunnerOutput() => new(MemoryMarshal.Cast<byte, sbyte>(Logits).ToArray(), ClassMap, Height: 1, Width: ClassMap.Length); // only values are compared
}

/// <summary>What a probe's child said, and how it ended.</summary>
/// <param name="Load">Null when it ended before or while loading.</param>
/// <param name="Compute">Null when it did not come to that, or ended while computing.</param>
/// <param name="Child">How it ended.</param>
internal sealed record ProbeResult(LoadReport? Load, ComputeReport? Compute, ChildResult Child)
{
    /// <summary>Begins the line about loading; a library may write lines of its own.</summary>
    public const string LoadMark = "tessera-probe load ";

    /// <summary>Begins the line about computing.</summary>
    public const string ComputeMark = "tessera-probe compute ";

    // On a busy machine libtorch takes seconds; longer than this it hangs.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>True when the library loaded and computed.</summary>
    public bool Works => Load is { File: not null, Fault: null } && Compute is { Fault: null };

    /// <summary>Probes a library in a child process.</summary>
    public static async Task<ProbeResult> RunAsync(NativeDependency dependency, CancellationToken cancellation) =>
        Parse(await ChildProcess.RunSelfAsync(["doctor", "--probe", dependency.Id], Limit, cancellation));

    /// <summary>Reads the child's lines; one that was cut off by a crash counts as not said.</summary>
    public static ProbeResult Parse(ChildResult child) => new(Find<LoadReport>(child.Output, LoadMark), Find<ComputeReport>(child.Output, ComputeMark), child);

    private static T? Find<T>(string output, string mark)
        where T : class
    {
        string? line = output.Split('\n').FirstOrDefault(line => line.StartsWith(mark, StringComparison.Ordinal) && line.TrimEnd().EndsWith('}'));
        return line is null ? null : JsonSerializer.Deserialize<T>(line[mark.Length..]);
    }
}
