namespace Tessera.Core;

/// <summary>
/// Waits for the disk and says so where the disk refuses. Use it instead of <c>FileStream.Flush(true)</c>, which on .NET 10 returns as if
/// nothing had happened when the system's fsync fails.
/// </summary>
public static class Durability
{
    /// <summary>Brings all that was written to a file to the disk.</summary>
    /// <exception cref="IOException">The disk is full or fails; nothing may be built on this file.</exception>
    public static void Flush(FileStream file)
    {
        if (!LibC.IsHere)
        {
            file.Flush(flushToDisk: true);
            return;
        }

        file.Flush();
        LibC.Sync(file.SafeFileHandle, file.Name);
    }

    /// <summary>
    /// Brings a folder's names to the disk: what was made, renamed or removed in it. Does nothing where the system has no such call, or the
    /// folder may not be read.
    /// </summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public static void FlushFolder(string path)
    {
        if (!LibC.IsHere)
        {
            return;
        }

        using Microsoft.Win32.SafeHandles.SafeFileHandle? folder = LibC.OpenFolder(path);
        if (folder is null)
        {
            return;
        }

        try
        {
            LibC.Sync(folder, path);
        }
        catch (IOException fault) when (LibC.IsUnsupported(fault))
        {
            // A file system without this call for folders keeps its names in its own way.
        }
    }

    /// <summary>Closes a file that was flushed before.</summary>
    /// <exception cref="IOException">The system could not keep what was written.</exception>
    internal static void Close(FileStream file)
    {
        if (LibC.IsHere)
        {
            LibC.Close(file.SafeFileHandle, file.Name);
        }

        file.Dispose();
    }
}
