namespace Tessera.Data;

/// <summary>Why a listing leaves an entry out.</summary>
public enum SkipReason
{
    /// <summary>A hidden or side file or folder, such as <c>._a.png</c>, <c>.DS_Store</c>, <c>Thumbs.db</c> or <c>__MACOSX</c>.</summary>
    Hidden,

    /// <summary>A link to a folder that is listed already or that holds the link.</summary>
    Repeated,

    /// <summary>A folder that cannot be read.</summary>
    Unreadable,

    /// <summary>A link whose target does not exist.</summary>
    BrokenLink,

    /// <summary>A socket, a pipe or a device.</summary>
    NoFile,

    /// <summary>A name that is not valid UTF-8, by which nothing can be opened.</summary>
    BadName,
}

/// <summary>An entry that a listing left out.</summary>
/// <param name="Path">Its path, beginning with that of the listed folder.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Detail">For <see cref="SkipReason.Unreadable"/> what the system said, else empty.</param>
public sealed record SkippedEntry(string Path, SkipReason Reason, bool IsFolder, string Detail = "")
{
    private const int Named = 3;

    /// <summary>Whether something is wrong with it, so that files may be missing; false where leaving it out is right.</summary>
    public bool IsFault => Reason is not (SkipReason.Hidden or SkipReason.Repeated);

    /// <summary>What is wrong with it, as a sentence without its subject.</summary>
    public string Problem => Reason switch
    {
        SkipReason.Unreadable => $"cannot be read: {Detail}",
        SkipReason.BrokenLink => "is a link whose target does not exist.",
        SkipReason.NoFile => "is a socket, a pipe or a device, not a file.",
        SkipReason.BadName => "has a name that is not valid UTF-8, so it cannot be opened.",
        SkipReason.Repeated => "is a link to a folder that is listed already.",
        _ => "is a hidden or side file.",
    };

    /// <summary>What the user can do about a fault.</summary>
    public string Remedy => Reason switch
    {
        SkipReason.Unreadable => "Let this user read it, or move it away.",
        SkipReason.BrokenLink => "Mend or remove the link.",
        SkipReason.BadName => "Rename it.",
        _ => "Remove it or move it away.",
    };

    /// <summary>Whether files of some kind may be missing because of it: a fault, and no plain file of another kind.</summary>
    /// <param name="isWanted">Whether a file of this name is of the kind.</param>
    public bool Hides(Predicate<string> isWanted) => IsFault && (IsFolder || Reason == SkipReason.BrokenLink || isWanted(Path));

    /// <summary>One line for each kind of entry that was rightly left out, with the first names; nothing where there is none.</summary>
    public static IEnumerable<string> Notes(IEnumerable<SkippedEntry> entries) =>
        entries.Where(entry => !entry.IsFault).GroupBy(entry => entry.Reason).OrderBy(group => group.Key).Select(group =>
        {
            string[] paths = [.. group.Select(entry => entry.Path)];
            string what = (group.Key, paths.Length) switch
            {
                (SkipReason.Hidden, 1) => "hidden or side entry",
                (SkipReason.Hidden, _) => "hidden or side entries",
                (_, 1) => "link to a folder that is listed already",
                _ => "links to folders that are listed already",
            };
            return $"{paths.Length} {what} skipped: {string.Join(", ", paths.Take(Named))}{(paths.Length > Named ? ", …" : "")}";
        });
}
