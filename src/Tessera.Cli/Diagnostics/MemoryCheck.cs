using System.Globalization;

namespace Tessera.Cli.Diagnostics;

/// <summary>The memory that this process may use.</summary>
/// <param name="Total">Bytes in all: of the machine, or of the container when it has less.</param>
/// <param name="Available">Bytes that can be had now without swapping.</param>
/// <param name="Limit">Bytes that the container allows; null without a limit.</param>
internal sealed record MemoryFacts(long Total, long Available, long? Limit)
{
    private const string MemInfo = "/proc/meminfo";

    /// <summary>The facts of this machine.</summary>
    public static MemoryFacts Gather()
    {
        if (!File.Exists(MemInfo))
        {
            GCMemoryInfo memory = GC.GetGCMemoryInfo();
            return new MemoryFacts(memory.TotalAvailableMemoryBytes, Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes), null);
        }

        return Of(File.ReadAllText(MemInfo), ControlGroups.MemoryLimits(TextOf));
    }

    /// <summary>Puts together what Linux says.</summary>
    /// <param name="memInfo">Text of <c>/proc/meminfo</c>.</param>
    /// <param name="groups">The control groups that limit memory.</param>
    public static MemoryFacts Of(string memInfo, IReadOnlyList<GroupMemory> groups)
    {
        long total = Number(memInfo, "MemTotal:") * 1024, available = Number(memInfo, "MemAvailable:") * 1024;
        GroupMemory[] tight = [.. groups.Where(group => group.Limit < total)];
        if (tight.Length == 0)
        {
            return new MemoryFacts(total, available, null);
        }

        long limit = tight.Min(group => group.Limit);
        return new MemoryFacts(limit, Math.Min(available, tight.Min(group => group.Left)), limit);
    }

    private static string? TextOf(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // a group of another user's, or one that has just ended, limits nothing that can be known
        }
    }

    private static long Number(string text, string key)
    {
        string? line = text.Split('\n').FirstOrDefault(line => line.StartsWith(key + " ", StringComparison.Ordinal) || line.StartsWith(key + "\t", StringComparison.Ordinal));
        string? number = line?[key.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
    }
}

/// <summary>Checks the memory.</summary>
internal static class MemoryCheck
{
    /// <summary>Below it, the demo is not started: the runtime and libtorch alone take about half of it. An allowance, not a measurement.</summary>
    public const long Least = ByteCount.GiB;

    /// <summary>Below it, training at the demo's size may swap.</summary>
    public const long Comfortable = 2 * ByteCount.GiB;

    /// <summary>The row <c>memory</c>.</summary>
    public static Check Of(MemoryFacts facts) => new(
        "memory",
        "memory",
        facts.Available < Least ? CheckState.Missing : facts.Available < Comfortable ? CheckState.Warning : CheckState.Ok,
        $"{ByteCount.Text(facts.Available)} available of {ByteCount.Text(facts.Total)}" + (facts.Limit is null ? "" : " (the container's limit)"),
        facts.Available >= Comfortable ? null
            : $"the demo wants {ByteCount.Text(Comfortable)}: end other programs" + (facts.Limit is null ? "" : ", or raise the container's limit (docker run --memory 4g)"))
    {
        Details = new Dictionary<string, object?> { ["total_bytes"] = facts.Total, ["available_bytes"] = facts.Available, ["container_limit_bytes"] = facts.Limit },
    };
}
