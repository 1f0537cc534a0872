using Tessera.Core;

namespace Tessera.Cli.Diagnostics;

/// <summary>A folder that the demo uses.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Free">Bytes that this user may still write there; null when the file system does not say.</param>
/// <param name="WriteFault">Why nothing can be written there; null when a file was written and removed.</param>
internal sealed record FolderFacts(string Path, long? Free, string? WriteFault)
{
    /// <summary>Looks at a folder: writes a small file and removes it.</summary>
    public static FolderFacts Gather(string path) => new(path, FreeBytes(path), TryWrite(path));

    private static long? FreeBytes(string path)
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // shown as "not known": some network and union file systems do not answer
        }
    }

    private static string? TryWrite(string folder)
    {
        string file = System.IO.Path.Combine(folder, $".tessera-doctor-{Guid.NewGuid():N}");
        try
        {
            using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            stream.Write(new byte[4096]);
            Durability.Flush(stream);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return fault.Message;
        }
    }
}

/// <summary>Checks the disk at the working folder and at the temporary folder.</summary>
internal static class FolderChecks
{
    /// <summary>Below it, the demo's images, packs, checkpoints and pictures do not fit. An allowance, not a measurement.</summary>
    public const long Least = 512 * ByteCount.MiB;

    /// <summary>Below it, little more than the demo fits.</summary>
    public const long Comfortable = 2 * ByteCount.GiB;

    /// <summary>What the temporary folder should have.</summary>
    public const long ComfortableTemp = 64 * ByteCount.MiB;

    /// <summary>The rows <c>disk</c>, <c>temp</c> and <c>write</c>.</summary>
    public static IReadOnlyList<Check> Of(FolderFacts work, FolderFacts temp) => [Disk(work), Temp(temp), Write(work)];

    private static Check Disk(FolderFacts work) => new(
        "disk",
        "disk, working folder",
        work.Free < Least ? CheckState.Missing : work.Free is null || work.Free < Comfortable ? CheckState.Warning : CheckState.Ok,
        $"{Free(work)} free at {work.Path}",
        work.Free is null ? $"see that {work.Path} has {ByteCount.Text(Comfortable)}: df -h {Quoted(work.Path)}"
            : work.Free < Comfortable ? $"make room for {ByteCount.Text(Comfortable)}, or work in another folder: cd /path/with/room"
            : null)
    {
        Details = Details(work),
    };

    private static Check Temp(FolderFacts temp)
    {
        bool isGood = temp.WriteFault is null && temp.Free >= ComfortableTemp;
        return new Check(
            "temp",
            "disk, temporary folder",
            isGood ? CheckState.Ok : CheckState.Warning,
            $"{Free(temp)} free at {temp.Path}" + (temp.WriteFault is null ? "" : $"; it cannot be written: {temp.WriteFault}"),
            isGood ? null : "use another one with room: export TMPDIR=/path/with/room")
        {
            Details = Details(temp),
        };
    }

    private static Check Write(FolderFacts work) => new(
        "write",
        "write permission",
        work.WriteFault is null ? CheckState.Ok : CheckState.Failed,
        work.WriteFault is null ? $"a file was written to {work.Path} and removed" : $"{work.Path} cannot be written: {work.WriteFault}",
        work.WriteFault is null ? null : $"work in a folder of your own (cd ~), or: chmod u+w {Quoted(work.Path)}")
    {
        Details = new Dictionary<string, object?> { ["path"] = work.Path, ["fault"] = work.WriteFault },
    };

    private static Dictionary<string, object?> Details(FolderFacts facts) => new() { ["path"] = facts.Path, ["free_bytes"] = facts.Free };

    private static string Free(FolderFacts facts) => facts.Free is { } bytes ? ByteCount.Text(bytes) : "an unknown number of bytes";

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;
}
