namespace Tessera.Cli.Diagnostics;

/// <summary>Finds programs as a shell does.</summary>
internal static class Executables
{
    /// <summary>The first of the programs that lies in a folder of the path; null when none does.</summary>
    /// <param name="path">The value of <c>PATH</c>.</param>
    /// <param name="exists">Whether a file is there.</param>
    /// <param name="names">Names, the preferred one first.</param>
    public static string? Find(string? path, Func<string, bool> exists, params ReadOnlySpan<string> names)
    {
        string[] folders = (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            foreach (string folder in folders)
            {
                string file = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);
                if (exists(file))
                {
                    return file;
                }
            }
        }

        return null;
    }
}
