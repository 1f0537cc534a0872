using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Tessera.Core;

/// <summary>
/// Unfinished files and folders: hidden, beside the place of the finished one, under a name that nobody can guess. Their writer holds a lock
/// that the system releases when it dies, whatever way; one whose lock is free is what a killed run left behind.
/// </summary>
/// <remarks>A lock, unlike a process id in the name, tells the dead from the living across containers and after an id is used again.</remarks>
internal static class LeftOvers
{
    private const string Prefix = ".tessera.";
    private const string Suffix = ".tmp";
    private const int IdLength = 32;

    private static readonly ConcurrentDictionary<string, bool> s_cleanedFolders = new();

    /// <summary>A path for something unfinished in a folder; it fits whatever the finished one is called.</summary>
    public static string NewPath(string folder) => Path.Combine(folder, $"{Prefix}{Guid.NewGuid():N}{Suffix}");

    /// <summary>Whether something is named like an unfinished file or folder, of an earlier version too (<c>.{name}.{random}.tmp</c>).</summary>
    public static bool IsName(string name) =>
        name.Length > IdLength + Suffix.Length + 2 && name[0] == '.' && name.EndsWith(Suffix, StringComparison.Ordinal)
        && name[^(IdLength + Suffix.Length + 1)] == '.' && Guid.TryParseExact(name.AsSpan(name.Length - IdLength - Suffix.Length, IdLength), "N", out _);

    /// <summary>A message about an unfinished file of a folder, with the finished one's path in place of its own.</summary>
    public static string HideName(string message, string folder, string finished)
    {
        string path = Path.Combine(folder, Prefix);
        int start = message.IndexOf(path, StringComparison.Ordinal), end = start + path.Length + IdLength + Suffix.Length;
        return start < 0 || end > message.Length ? message : $"{message[..start]}{finished}{message[end..]}";
    }

    /// <summary>Makes an unfinished file in a folder; its path is the stream's name.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static FileStream Create(string folder, bool isPrivate, DiskCalls disk)
    {
        while (true)
        {
            try
            {
                FileStream stream = disk.Create(NewPath(folder), isPrivate);
                if (File.Exists(stream.Name))
                {
                    return stream;
                }

                stream.Dispose();
            }
            catch (IOException fault) when (LibC.IsLocked(fault))
            {
                // As above: between its making and its lock another run took it for a left-over and removes it.
            }
        }
    }

    /// <summary>
    /// Removes the unfinished files of killed runs from a folder: once per folder and process, since looking costs as much as the folder has
    /// files. What cannot be looked at or removed stays.
    /// </summary>
    public static void RemoveFiles(string folder)
    {
        if (!s_cleanedFolders.TryAdd(folder, true))
        {
            return;
        }

        try
        {
            foreach (string file in Directory.EnumerateFiles(folder, $"{Prefix}*{Suffix}").Where(file => IsName(Path.GetFileName(file))))
            {
                using SafeFileHandle? dead = TakeLock(file, out _);
                if (dead is not null)
                {
                    TryDelete(file);
                }
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A folder that may be written but not listed.
        }
    }

    /// <summary>Takes the lock of a run that has died.</summary>
    /// <param name="file">The file that its writer held locked.</param>
    /// <param name="isAlive">Whether a living writer holds it.</param>
    /// <returns>The lock; null where the writer lives, or where this user or file system cannot tell.</returns>
    public static SafeFileHandle? TakeLock(string file, out bool isAlive)
    {
        isAlive = false;
        if (new FileInfo(file).LinkTarget is not null || FileStatus.Of(file).Kind != FileKind.Regular)
        {
            return null;
        }

        SafeFileHandle handle;
        try
        {
            handle = OpenAlone(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            isAlive = fault is IOException;
            return null;
        }

        // .NET passes over file systems without locks; there nobody's death can be told.
        if (LibC.IsHere && !LibC.TryLock(handle))
        {
            handle.Dispose();
            return null;
        }

        return handle;
    }

    /// <summary>Opens a file unless somebody else has it open. Network file systems lock only what may be written to; another user's file may not.</summary>
    private static SafeFileHandle OpenAlone(string file)
    {
        FileShare share = LibC.IsHere ? FileShare.None : FileShare.Delete;
        try
        {
            return File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, share);
        }
        catch (UnauthorizedAccessException)
        {
            return File.OpenHandle(file, FileMode.Open, FileAccess.Read, share);
        }
    }

    /// <summary>Removes a file or an empty folder as far as possible: whoever calls this has a fault to report, or nothing to fear from a rest.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path);
            }
            else
            {
                File.Delete(path);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Without a writer it is a left-over, which a later run removes.
        }
    }
}
