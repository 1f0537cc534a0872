using System.CommandLine;
using Tessera.Cli.Terminal;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary>A command with what a newcomer needs beyond a list of options.</summary>
internal sealed class ExplainedCommand : Command
{
    /// <summary>Creates a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does, in one sentence.</param>
    /// <param name="options">Its options.</param>
    public ExplainedCommand(string name, string description, params ReadOnlySpan<Option> options)
        : base(name, description)
    {
        foreach (Option option in options)
        {
            Options.Add(option);
        }
    }

    /// <summary>Whole command lines.</summary>
    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>What else to know.</summary>
    public string? Notes { get; init; }

    /// <summary>What the command does when it is called; it ends with exit code 0 unless it throws a <see cref="TesseraException"/>.</summary>
    public required Action<ParseResult> Run
    {
        init => SetAction(parsed =>
        {
            value(parsed);
            return (int)ExitCode.Done;
        });
    }
}
