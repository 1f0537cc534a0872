using System.Globalization;

namespace Tessera.Cli.Diagnostics;

/// <summary>The memory that this process may use.</summary>
/// <param name="Total">Bytes in all: of the machine, or of the container when it has less.</param>
/// <param name="Available">Bytes that can be had now without swapping.</param>
/// <param name="Limit">Bytes that the container allows; null without a limit.</param>
internal sealed record MemoryFacts(long Total, long Available, long? Limit)
{
    private const string MemInfo = "/proc/meminfo";

    // Where Linux shows a container its limit and what it uses: control groups version 2, then 1.
    private static readonly (string Limit, string Used, string Statistics)[] GroupFiles =
    [
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.stat"),
    ];

    /// <summary>The facts of this machine.</summary>
    public static MemoryFacts Gather()
    {
        if (!File.Exists(MemInfo))
        {
            GCMemoryInfo memory = GC.GetGCMemoryInfo();
            return new MemoryFacts(memory.TotalAvailableMemoryBytes, Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes), null);
        }

        (string limit, string used, string statistics) = Array.Find(GroupFiles, files => File.Exists(files.Limit) && File.Exists(files.Used) && File.Exists(files.Statistics));
        return limit is null
            ? Parse(File.ReadAllText(MemInfo), null, null, null)
            : Parse(File.ReadAllText(MemInfo), File.ReadAllText(limit), File.ReadAllText(used), File.ReadAllText(statistics));
    }

    /// <summary>Reads Linux' files.</summary>
    /// <param name="memInfo">Text of <c>/proc/meminfo</c>.</param>
    /// <param name="groupLimit">The container's limit in bytes, or <c>max</c>; null without control groups.</param>
    /// <param name="groupUsed">Bytes that the container uses, file cache included.</param>
    /// <param name="groupStatistics">Its <c>memory.stat</c>; <c>inactive_file</c> is cache that is given up when memory is needed.</param>
    public static MemoryFacts Parse(string memInfo, string? groupLimit, string? groupUsed, string? groupStatistics)
    {
        long total = Number(memInfo, "MemTotal:") * 1024, available = Number(memInfo, "MemAvailable:") * 1024;
        if (!long.TryParse(groupLimit, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long limit) || limit >= total)
        {
            return new MemoryFacts(total, available, null);
        }

        long used = long.TryParse(groupUsed, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long value) ? value : 0;
        long left = limit - Math.Max(0, used - Number(groupStatistics ?? "", "inactive_file"));
        return new MemoryFacts(limit, Math.Clamp(left, 0, available), limit);
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
