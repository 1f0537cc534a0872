using System.CommandLine;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary>Options that a combination of others leaves without effect: refused, for whoever gives one expects something of it.</summary>
internal static class UnusedOption
{
    /// <summary>Refuses the first of the options that the command line gives.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="reason">Why it would do nothing, as a sentence without its subject and full stop.</param>
    /// <param name="options">The options without effect.</param>
    /// <exception cref="UsageException">One is given.</exception>
    public static void Refuse(ParseResult parsed, string reason, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} {reason}. Leave it out, or change the other options.");
            }
        }
    }
}
