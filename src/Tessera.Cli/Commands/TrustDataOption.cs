using System.CommandLine;

namespace Tessera.Cli.Commands;

/// <summary>The option <c>--trust-data</c>.</summary>
internal static class TrustDataOption
{
    /// <summary>Creates it.</summary>
    /// <param name="verb">What is done with the data, as a command.</param>
    public static Option<bool> Create(string verb) => new("--trust-data") { Description = $"{verb} even where a pack's manifest shows an error or other classes" };
}
