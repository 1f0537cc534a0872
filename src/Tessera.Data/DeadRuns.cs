using Microsoft.Win32.SafeHandles;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Finds and removes what killed runs left behind: unfinished folders whose lock file nobody holds any more.</summary>
internal static class DeadRuns
{
    /// <summary>The file in an unfinished folder that its writer keeps locked.</summary>
    public const string LockName = "lock";

    // Earlier versions locked the pack's data file itself.
    private static readonly string[] s_lockNames = [LockName, LmdbStore.DataFile];

    /// <summary>Removes the unfinished folders of dead runs; those of living ones stay.</summary>
    /// <param name="parent">The folder that holds them.</param>
    /// <returns>Folders that stay although no living run is known to write them: another user's, or one that cannot be removed.</returns>
    public static IReadOnlyList<string> Remove(string parent)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(parent, ".*.tmp").Where(folder => LeftOvers.IsName(Path.GetFileName(folder)) && Stays(folder)).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return []; // a folder that may be written but not listed
        }
    }

    /// <summary>Removes what is in an unfinished folder but its lock, under which that is safe. Network file systems keep an open file's folder.</summary>
    public static void RemoveBelow(string folder)
    {
        foreach (string below in Directory.EnumerateDirectories(folder))
        {
            Directory.Delete(below, recursive: true);
        }
    }

    private static bool Stays(string folder)
    {
        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            return false; // not of our making
        }

        try
        {
            if (s_lockNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } lockFile)
            {
                // Between making the folder and its lock a run may die; a living one makes another folder.
                if (!Directory.EnumerateFileSystemEntries(folder).Any())
                {
                    Directory.Delete(folder);
                }

                return false;
            }

            using (SafeFileHandle? dead = LeftOvers.TakeLock(lockFile, out bool isAlive))
            {
                if (dead is null)
                {
                    return !isAlive;
                }

                RemoveBelow(folder);
            }

            Directory.Delete(folder, recursive: true);
            return false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Directory.Exists(folder);
        }
    }
}
