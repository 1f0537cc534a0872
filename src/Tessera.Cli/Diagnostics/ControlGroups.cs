using System.Globalization;

namespace Tessera.Cli.Diagnostics;

/// <summary>What a control group of Linux allows in memory.</summary>
/// <param name="Limit">Bytes.</param>
/// <param name="Left">Bytes of them that are not in use; file cache that is given up when memory is needed counts as not in use.</param>
internal readonly record struct GroupMemory(long Limit, long Left);

/// <summary>The control groups that this process is in: a limit of any group above it holds too, in version 1 and in version 2.</summary>
internal static class ControlGroups
{
    // Version 2 throttles a group above memory.high so hard that it is a limit in practice.
    private static readonly Files Version1 = new(["memory.limit_in_bytes"], "memory.usage_in_bytes"), Version2 = new(["memory.max", "memory.high"], "memory.current");

    /// <summary>The groups that limit memory, from the innermost outwards.</summary>
    /// <param name="read">The text of a file; null when it is not there.</param>
    public static IReadOnlyList<GroupMemory> MemoryLimits(Func<string, string?> read)
    {
        (string Path, bool IsVersion2)[] groups = [.. Lines(read("/proc/self/cgroup")).Select(line => line.Split(':', 3))
            .Where(parts => parts.Length == 3 && (parts[1].Length == 0 || parts[1].Split(',').Contains("memory")))
            .Select(parts => (parts[2], parts[1].Length == 0))];
        var limits = new List<GroupMemory>();
        foreach ((string root, string mounted, bool isVersion2) in Mounts(read("/proc/self/mountinfo")))
        {
            // Where the system names no group, the process sees its own as the root.
            string path = groups.FirstOrDefault(group => group.IsVersion2 == isVersion2).Path ?? "/";
            string below = path == root ? "" : path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal) ? path[root.TrimEnd('/').Length..] : "";
            for (string folder = mounted + below.TrimEnd('/'); folder.Length >= mounted.Length; folder = folder[..folder.LastIndexOf('/')])
            {
                limits.AddRange(Limits(folder, isVersion2 ? Version2 : Version1, read));
            }
        }

        return limits;
    }

    private static IEnumerable<GroupMemory> Limits(string folder, Files files, Func<string, string?> read)
    {
        foreach (string name in files.Limits)
        {
            if (Number(read($"{folder}/{name}")) is { } limit)
            {
                long used = Number(read($"{folder}/{files.Used}")) ?? 0;

                // Version 1 states the group's own cache and, as total, that of the groups below it, which count as its use.
                long cache = Lines(read($"{folder}/memory.stat")).Select(line => line.Split(' ')).Where(parts => parts is ["inactive_file" or "total_inactive_file", _]).Select(parts => Number(parts[1]) ?? 0).DefaultIfEmpty().Max();
                yield return new GroupMemory(limit, Math.Max(0, limit - Math.Max(0, used - cache)));
            }
        }
    }

    /// <summary>Where hierarchies that account for memory are mounted, and which of their groups lies there.</summary>
    private static IEnumerable<(string Root, string Mounted, bool IsVersion2)> Mounts(string? mountInfo)
    {
        foreach (string line in Lines(mountInfo))
        {
            string[] halves = line.Split(" - ", 2);
            string[] place = halves[0].Split(' '), kind = halves.Length < 2 ? [] : halves[1].Split(' ');
            if (place.Length >= 5 && kind.Length >= 3 && (kind[0] == "cgroup2" || (kind[0] == "cgroup" && kind[2].Split(',').Contains("memory"))))
            {
                yield return (place[3], place[4], kind[0] == "cgroup2");
            }
        }
    }

    private static string[] Lines(string? text) => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A number of bytes; null for <c>max</c> and what is no number.</summary>
    private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long value) ? value : null;

    private sealed record Files(string[] Limits, string Used);
}
