namespace Tessera.Data;

/// <summary>A path without links: equal for two paths that lead to the same file or folder.</summary>
public static class RealPath
{
    private const int MostLinks = 40;
    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <summary>Follows every link in a path. Parts that do not exist stay as they are, and so does a chain of more than 40 links, which is a cycle.</summary>
    public static string Of(string path)
    {
        string full = Path.IsPathRooted(path) ? path : Path.Join(Environment.CurrentDirectory, path);
        string real = Path.GetPathRoot(full)!;
        var parts = new Stack<string>();
        Push(full[real.Length..]);
        int links = 0;
        while (parts.TryPop(out string? part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            string next = Path.Join(real, part);
            if (new FileInfo(next).LinkTarget is not { } target || links == MostLinks)
            {
                real = next;
                continue;
            }

            links++;
            string root = Path.GetPathRoot(target)!;
            real = root.Length > 0 ? root : real;
            Push(target[root.Length..]);
        }

        return real;

        void Push(string relative)
        {
            foreach (string part in relative.Split(Separators).Where(part => part is not ("" or ".")).Reverse())
            {
                parts.Push(part);
            }
        }
    }

    /// <summary>Whether a folder is another one or holds it, at any depth; both without links.</summary>
    public static bool IsAtOrAbove(string folder, string other) =>
        other.StartsWith(folder, StringComparison.Ordinal)
        && (other.Length == folder.Length || Path.EndsInDirectorySeparator(folder) || other[folder.Length] == Path.DirectorySeparatorChar);
}
