using System.Collections.Immutable;
using Tessera.Cli.Comparison;
using Tessera.Cli.Configuration;
using Tessera.Compiler;
using Tessera.Core;

namespace Tessera.Cli.Verification;

/// <summary>What a deployed model may cost: the limits of a budget file. A limit that the file does not give is null or empty.</summary>
internal sealed record Budget
{
    private const int MostFrames = 10_000, MostThreads = 256;
    private const double MostMilliseconds = 1e6, MostRatio = 1000;

    /// <summary>How many points of mIoU the compiled model may lose against the float network.</summary>
    public double? MaxMiouDrop { get; private init; }

    /// <summary>Pairs of <see cref="FormNames.Exact"/> that must give the same results.</summary>
    public ImmutableArray<(string First, string Second)> BitEqual { get; private init; } = [];

    /// <summary>How long a frame may take on this machine.</summary>
    public LatencyLimit? MaxLatency { get; private init; }

    /// <summary>How many bytes the artefact may have.</summary>
    public long? MaxBytes { get; private init; }

    /// <summary>How many milliseconds a frame may take by a march's estimate.</summary>
    public ImmutableArray<(March March, double Milliseconds)> MaxEstimatedMs { get; private init; } = [];

    /// <summary>Reads a budget file.</summary>
    /// <exception cref="UsageException">The file is missing, empty or no YAML, sets no limit, or a key or value is wrong; every problem has its line.</exception>
    public static Budget Read(string path)
    {
        if (ConfigYaml.Parse(ConfigText.Read(Path.GetFullPath(path), path, "", "budget"), line => new ConfigSource(path, line)) is not ConfigMap map)
        {
            throw new UsageException($"{path}: a budget is a map of keys, such as max_miou_drop: 0.5.");
        }

        return !map.Entries.IsEmpty ? ConfigSection.Read(map, Read).Value
            : throw new UsageException($"The budget {path} sets no limit, so there is nothing to verify. Give at least one of max_miou_drop, bit_equal, max_latency, max_bytes and max_estimated_ms.");
    }

    private static Budget Read(ConfigSection section) => new()
    {
        MaxMiouDrop = section.Has("max_miou_drop") ? section.Number("max_miou_drop", null, 0, 100) : null,
        BitEqual = section.Pairs("bit_equal", FormNames.Exact),
        MaxLatency = section.Has("max_latency") ? ReadLatency(section.Section("max_latency", "a map of ms, ratio_to_onnx_float or both, such as {ms: 30}")) : null,
        MaxBytes = section.Has("max_bytes") ? section.Integer("max_bytes", null, 1, long.MaxValue) : null,
        MaxEstimatedMs = section.Has("max_estimated_ms") ? ReadEstimates(section) : [],
    };

    private static LatencyLimit ReadLatency(ConfigSection section)
    {
        int problems = section.ProblemCount;
        var limit = new LatencyLimit(
            section.Has("ms") ? section.Positive("ms", null, MostMilliseconds) : null,
            section.Has("ratio_to_onnx_float") ? section.Positive("ratio_to_onnx_float", null, MostRatio) : null,
            section.Int("threads", 1, 1, MostThreads),
            section.Has("frames") ? section.Int("frames", null, 1, MostFrames) : null);
        if (section.ProblemCount == problems && limit is { Milliseconds: null, RatioToOnnxFloat: null })
        {
            section.Report("ms", "and ratio_to_onnx_float are both missing; give one of them at least.");
        }

        return limit;
    }

    private static ImmutableArray<(March March, double Milliseconds)> ReadEstimates(ConfigSection budget)
    {
        int problems = budget.ProblemCount;
        ConfigSection section = budget.Section("max_estimated_ms", "a map of marches and milliseconds, such as {nash-m: 1.5}");
        string[] given = [.. March.Names.Where(section.Has)];
        if (given.Length == 0 && !section.UnreadEntries.Any() && budget.ProblemCount == problems)
        {
            budget.Report("max_estimated_ms", $"names no march. Use some of {string.Join(", ", March.Names)}.");
        }

        return [.. given.Select(name => (March.Find(name), section.Positive(name, null, MostMilliseconds)))];
    }
}

/// <summary>How long a frame may take on this machine.</summary>
/// <param name="Milliseconds">The median of the frames' milliseconds; null for any.</param>
/// <param name="RatioToOnnxFloat">The median of the frames' times relative to those of the float network in ONNX Runtime in the same rounds; null for any.</param>
/// <param name="Threads">Threads of both.</param>
/// <param name="Frames">Rounds to measure; null for as many as fit in half a minute.</param>
internal sealed record LatencyLimit(double? Milliseconds, double? RatioToOnnxFloat, int Threads, int? Frames);
