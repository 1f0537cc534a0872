namespace Tessera.Cli.Diagnostics;

/// <summary>Finds the native libraries that were delivered with this program.</summary>
internal static class NativeFile
{
    private const string SearchKey = "NATIVE_DLL_SEARCH_DIRECTORIES"; // set by the .NET host from tessera.deps.json

    /// <summary>The path of the first of the files that lies beside the program or where its packages are; null when none does.</summary>
    public static string? Find(params ReadOnlySpan<string> names)
    {
        string[] packages = (AppContext.GetData(SearchKey) as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            foreach (string folder in (string[])[AppContext.BaseDirectory, .. packages])
            {
                string file = Path.Combine(folder, name);
                if (File.Exists(file))
                {
                    return file;
                }
            }
        }

        return null;
    }
}
