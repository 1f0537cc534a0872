using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// The files of a folder and of all folders below it, in ordinal order: the one listing that everything uses. Links to files count as files. A link to
/// a folder is followed unless that folder is listed already or holds the link, so that each folder is listed once and no cycle is entered.
/// </summary>
public sealed class FolderTree
{
    private const char Undecodable = '\uFFFD';
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };
    private static readonly string[] SideNames = ["__MACOSX", "@eaDir", "Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information"];

    private readonly string _root;
    private readonly string _realRoot;
    private readonly List<string> _files = [];
    private readonly List<SkippedEntry> _skipped = [];
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);

    /// <summary>Links to folders that wait until the folders themselves are listed, each with the folder in which it lies, without links.</summary>
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);

    private FolderTree(string root) => (_root, _realRoot) = (root, RealPath.Of(root));

    /// <summary>The files' paths relative to the folder, in ordinal order.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>What was left out, in ordinal order of the paths.</summary>
    public IReadOnlyList<SkippedEntry> Skipped => _skipped;

    /// <summary>Lists a folder and those below it. What cannot be listed there is left out and told in <see cref="Skipped"/>.</summary>
    /// <exception cref="BadFileException">The folder itself is missing or cannot be read.</exception>
    public static FolderTree Read(string root)
    {
        var tree = new FolderTree(root);
        tree.List("", tree._realRoot, Entries(root));
        while (tree._links.Count > 0)
        {
            (string link, string parent) = tree._links.First();
            tree._links.Remove(link);
            tree.Follow(link, parent);
        }

        tree._files.Sort(StringComparer.Ordinal);
        tree._skipped.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return tree;
    }

    /// <summary>The names of the folders directly below a folder, links to folders among them, hidden and side folders not; in ordinal order.</summary>
    /// <exception cref="BadFileException">The folder is missing or cannot be read.</exception>
    public static IReadOnlyList<string> Subfolders(string root) =>
        [.. Entries(root).Where(entry => entry is DirectoryInfo && !IsSide(entry.Name)).Select(entry => entry.Name)];

    private static FileSystemInfo[] Entries(string folder)
    {
        try
        {
            FileSystemInfo[] entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything)];
            Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot read the folder {folder}: {fault.Message} Let this user read it, or give another folder.", fault);
        }
    }

    private static bool IsSide(string name) => name.StartsWith('.') || SideNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    private void Follow(string link, string parent)
    {
        string real = RealPath.Of(Path.Join(_root, link));
        if (RealPath.IsAtOrAbove(real, parent) || RealPath.IsAtOrAbove(real, _realRoot))
        {
            Skip(link, SkipReason.Repeated, isFolder: true);
        }
        else
        {
            ListBelow(link, real);
        }
    }

    private void ListBelow(string folder, string real)
    {
        if (_listed.Contains(real))
        {
            Skip(folder, SkipReason.Repeated, isFolder: true);
            return;
        }

        FileSystemInfo[] entries;
        try
        {
            entries = Entries(Path.Join(_root, folder));
        }
        catch (BadFileException fault)
        {
            Skip(folder, SkipReason.Unreadable, isFolder: true, fault.InnerException!.Message);
            return;
        }

        List(folder, real, entries);
    }

    private void List(string folder, string real, FileSystemInfo[] entries)
    {
        _listed.Add(real);
        foreach (FileSystemInfo entry in entries)
        {
            Add(Path.Join(folder, entry.Name), real, entry);
        }
    }

    private void Add(string path, string parent, FileSystemInfo entry)
    {
        bool isFolder = entry is DirectoryInfo;
        if (IsSide(entry.Name))
        {
            Skip(path, SkipReason.Hidden, isFolder);
        }
        else if (entry.Name.Contains(Undecodable) && !Path.Exists(entry.FullName))
        {
            Skip(path, SkipReason.BadName, isFolder);
        }
        else if (isFolder && entry.LinkTarget is not null)
        {
            _links.Add(path, parent);
        }
        else if (isFolder)
        {
            ListBelow(path, Path.Join(parent, entry.Name));
        }
        else if (IsBrokenLink(entry))
        {
            Skip(path, SkipReason.BrokenLink, isFolder);
        }
        else if (FileStatus.Of(entry.FullName).Kind is FileKind.Special)
        {
            Skip(path, SkipReason.NoFile, isFolder);
        }
        else
        {
            _files.Add(path);
        }
    }

    private static bool IsBrokenLink(FileSystemInfo entry)
    {
        try
        {
            return entry.LinkTarget is not null && entry.ResolveLinkTarget(returnFinalTarget: true)?.Exists != true;
        }
        catch (IOException)
        {
            // A cycle of links.
            return true;
        }
    }

    private void Skip(string path, SkipReason reason, bool isFolder, string detail = "") =>
        _skipped.Add(new SkippedEntry(Path.Join(_root, path), reason, isFolder, detail));
}
