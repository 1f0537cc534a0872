namespace Tessera.Data;

/// <summary>Finds and removes what killed runs left behind: hidden sibling folders whose lock file nobody holds any more.</summary>
internal static class DeadRuns
{
    /// <summary>Removes the unfinished folders of dead runs; those of living ones, which hold their lock file open, stay.</summary>
    /// <param name="parent">The folder that holds them.</param>
    /// <param name="prefix">How their names begin; they end with <c>.tmp</c>.</param>
    /// <param name="lockFile">The file in such a folder that its writer keeps open without sharing.</param>
    public static void Remove(string parent, string prefix, string lockFile)
    {
        foreach (string folder in Directory.EnumerateDirectories(parent, $"{prefix}*.tmp"))
        {
            string file = Path.Combine(folder, lockFile);
            if (File.Exists(file) && !IsHeld(file))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static bool IsHeld(string path)
    {
        try
        {
            using FileStream probe = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
