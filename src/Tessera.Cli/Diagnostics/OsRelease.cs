namespace Tessera.Cli.Diagnostics;

/// <summary>Which Linux distribution this is.</summary>
/// <param name="Id">Such as <c>debian</c>; empty when not known.</param>
/// <param name="Version">Such as <c>12</c> or <c>22.04</c>; empty when not known.</param>
internal sealed record OsRelease(string Id, string Version)
{
    /// <summary>The distribution of this machine; empty names where there is no <c>/etc/os-release</c>.</summary>
    public static OsRelease Gather() => Parse(File.Exists("/etc/os-release") ? File.ReadAllText("/etc/os-release") : "");

    /// <summary>Reads the text of <c>/etc/os-release</c>.</summary>
    public static OsRelease Parse(string text) => new(Value(text, "ID"), Value(text, "VERSION_ID"));

    private static string Value(string text, string key) =>
        text.Split('\n')
            .Where(line => line.StartsWith(key + "=", StringComparison.Ordinal))
            .Select(line => line[(key.Length + 1)..].Trim().Trim('"', '\''))
            .FirstOrDefault("");
}
