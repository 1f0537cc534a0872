using Tessera.Core;

namespace Tessera.Data;

/// <summary>How bad a finding is.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing.</summary>
    Info,

    /// <summary>Probably a mistake; training works but may mislead.</summary>
    Warning,

    /// <summary>A mistake: training fails or learns nonsense.</summary>
    Error,
}

/// <summary>Something that is wrong with a data set, or worth knowing.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">A stable short name of the kind, for scripts: <c>missing-label</c>.</param>
/// <param name="Split">The split or splits.</param>
/// <param name="File">The first file or record concerned; empty where it concerns the whole split.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">The command or config key that mends it; empty where the message says it.</param>
public sealed record Finding(FindingSeverity Severity, string Code, string Split, string File, string Message, string Remedy)
{
    /// <summary>A file that cannot be read. The fault's message ends with what to do about it, so that there is no second remedy.</summary>
    internal static Finding Unreadable(string split, string file, BadFileException fault) => new(FindingSeverity.Error, "unreadable", split, file, fault.Message, "");

    /// <summary>The number of files concerned; 0 where it concerns the whole split.</summary>
    public int Count { get; init; } = File.Length > 0 ? 1 : 0;

    /// <summary>The files concerned, at most <see cref="DatasetCheckOptions.MaxFiles"/> of them.</summary>
    public IReadOnlyList<string> Files { get; init; } = File.Length > 0 ? [File] : [];
}
