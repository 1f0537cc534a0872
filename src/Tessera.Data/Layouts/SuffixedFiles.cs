namespace Tessera.Data;

/// <summary>The images or the labels of a split: the files below a folder whose names end with a suffix, in whatever case.</summary>
internal sealed class SuffixedFiles
{
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    /// <summary>Takes the files of a listing.</summary>
    /// <param name="folder">The listed folder.</param>
    /// <param name="tree">The listing.</param>
    /// <param name="suffix">How their names end.</param>
    /// <param name="longerSuffix">The end of the names of other files in the same folder, to be left out; null where there are none.</param>
    public SuffixedFiles(string folder, FolderTree tree, string suffix, string? longerSuffix)
    {
        var faults = new List<LayoutFault>();
        foreach (string file in tree.Files.Where(IsWanted))
        {
            string path = Path.Combine(folder, file);
            if (!_paths.TryAdd(file[..^suffix.Length], path))
            {
                faults.Add(new LayoutFault(path, $"has the same name as {_paths[file[..^suffix.Length]]} but for upper and lower case, so it is unclear which one is meant.", "Remove or rename one of the two."));
            }
        }

        faults.AddRange(tree.Skipped.Where(entry => entry.Hides(IsWanted)).Select(entry => new LayoutFault(entry.Path, entry.Problem, entry.Remedy)));
        Faults = faults;

        bool IsWanted(string file) => Ends(file, suffix) && !(longerSuffix is not null && Ends(file, longerSuffix));
    }

    /// <summary>The files' paths below the folder without the suffix.</summary>
    public IReadOnlyCollection<string> Stems => _paths.Keys;

    /// <summary>What may hide further files.</summary>
    public IReadOnlyList<LayoutFault> Faults { get; }

    /// <summary>The file of a stem; null where there is none.</summary>
    public string? Find(string stem) => _paths.GetValueOrDefault(stem);

    private static bool Ends(string file, string suffix) => file.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
}
