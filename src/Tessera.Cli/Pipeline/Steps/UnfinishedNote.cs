namespace Tessera.Cli.Pipeline;

/// <summary>The word about unfinished work of other runs that was met and left alone.</summary>
internal static class UnfinishedNote
{
    /// <summary>One line per folder, each on a line of its own; empty where there is none.</summary>
    public static string Of(IReadOnlyList<string> folders) => string.Concat(folders.Select(folder =>
        $"\nnote: {folder} is unfinished work of another run and could not be removed; remove it if that run has ended."));
}
