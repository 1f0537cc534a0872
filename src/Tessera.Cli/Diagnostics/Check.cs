namespace Tessera.Cli.Diagnostics;

/// <summary>How a check ended.</summary>
internal enum CheckState
{
    /// <summary>All is as it should be.</summary>
    Ok,

    /// <summary>The demo runs, but something is slower, unused, or could not be looked at.</summary>
    Warning,

    /// <summary>Something that the demo needs is not there.</summary>
    Missing,

    /// <summary>Something is there and does not work: it crashes, cannot be written to, or computes another result.</summary>
    Failed,
}

/// <summary>One row of the diagnosis.</summary>
/// <param name="Id">A stable key for scripts, such as <c>libtorch</c>.</param>
/// <param name="Name">What a person reads.</param>
/// <param name="State">How it ended.</param>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What mends it, a command where there is one; null where nothing is to be mended.</param>
internal sealed record Check(string Id, string Name, CheckState State, string Found, string? Remedy = null)
{
    /// <summary>The raw values behind <see cref="Found"/>, under stable keys, for JSON alone.</summary>
    public IReadOnlyDictionary<string, object?> Details { get; init; } = new Dictionary<string, object?>();

    /// <summary>True when the demo cannot run because of it.</summary>
    public bool Blocks => State is CheckState.Missing or CheckState.Failed;
}
