namespace Tessera.Core;

/// <summary>
/// Gives a finished file or folder its final name. Where something stands there, the two exchange names, so that there is a way back until
/// the disk has confirmed the new name.
/// </summary>
internal static class Replacement
{
    /// <summary>Puts <paramref name="from"/> at the place of <paramref name="to"/>, in one step, and waits for the disk.</summary>
    /// <param name="from">The finished one, in the same folder or one of the same file system; nothing is left under its name.</param>
    /// <param name="to">The final path: nothing, a file for a file, or an empty folder for a folder.</param>
    /// <param name="disk">The system's calls.</param>
    /// <param name="confirm">A last step that may fail, such as closing the file; null: none.</param>
    /// <exception cref="IOException">It failed, and what was there before is there again.</exception>
    /// <exception cref="BadFileException">It failed after the replacement, on a file system that cannot exchange names. The message says so.</exception>
    public static void Put(string from, string to, DiskCalls disk, Action? confirm = null)
    {
        // A folder goes only where nothing is, and rename alone makes sure of that.
        bool isExchanged = !Directory.Exists(from) && disk.TryExchange(from, to), isReplaced = false;
        if (!isExchanged)
        {
            isReplaced = Path.Exists(to);
            disk.Rename(from, to);
        }

        try
        {
            disk.FlushFolder(Path.GetDirectoryName(to)!);
            confirm?.Invoke();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (isReplaced || !TryUndo(from, to, disk, isExchanged))
            {
                throw new BadFileException(
                    $"{to} was replaced, but the disk did not confirm it: {fault.Message} The new content is whole; after a loss of power the older one may be back. Check the disk and write it again.", fault);
            }

            throw;
        }

        if (isExchanged)
        {
            LeftOvers.TryDelete(from);
        }
    }

    private static bool TryUndo(string from, string to, DiskCalls disk, bool isExchanged)
    {
        try
        {
            if (isExchanged)
            {
                return disk.TryExchange(from, to);
            }

            disk.Rename(to, from);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false; // the first fault is the one to report
        }
    }
}
