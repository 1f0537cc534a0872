using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Tessera.Cli.Commands;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Cli;

/// <summary>The command line: parses arguments, runs the command, and turns every fault into one message and an exit code.</summary>
public static class CommandLine
{
    /// <summary>The exit code of a command that Ctrl-C ended: 128 and the signal's number, as shells have it.</summary>
    public const int Cancelled = 130;

    private const string Introduction = """
        Tessera trains, quantizes, verifies, compiles and runs 8-bit segmentation networks.
        """;

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments without the program's name.</param>
    /// <param name="console">Where output goes.</param>
    /// <param name="cancellation">Ends the command in order.</param>
    /// <param name="allowToEnd">Takes how long a command may need for that; null where nobody waits.</param>
    /// <returns>The exit code: see <see cref="ExitCode"/>, and <see cref="Cancelled"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, CommandConsole console, CancellationToken cancellation = default, Action<TimeSpan>? allowToEnd = null)
    {
        try
        {
            ParseResult parsed = Root(new CommandContext(console, cancellation) { AllowToEnd = allowToEnd ?? (static _ => { }) }).Parse(arguments.Count == 0 ? ["--help"] : arguments);
            if (parsed.Action is ParseErrorAction || (parsed.Errors.Count > 0 && parsed.Action is not HelpAction and not ExampleHelp))
            {
                throw new UsageException(Explanation(parsed));
            }

            ArgumentTexts.Require(parsed);
            int exitCode = parsed.Invoke(new InvocationConfiguration
            {
                Output = console.Out,
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
            return exitCode == 0 && console.OutputFault() is { } lost
                ? throw new BadFileException($"The work is done, but not all of its output could be written to standard output: {lost.Message}", lost)
                : exitCode;
        }
        catch (Exception fault)
        {
            return FaultReport.Write(console, fault);
        }
    }

    private static RootCommand Root(CommandContext context)
    {
        var root = new RootCommand(Introduction);
        foreach (Command command in CommandTable.Create(context))
        {
            root.Subcommands.Add(command);
        }

        foreach (Option option in root.Options)
        {
            if (option is HelpOption help)
            {
                help.Description = "Show what a command does, its options and examples";
                help.Action = new ExampleHelp((HelpAction)help.Action!, context.Console);
            }
        }

        return root;
    }

    /// <summary>System.CommandLine's errors, one line each, with the nearest name where a word is unknown.</summary>
    private static string Explanation(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string? unknown = parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null;
        string message;
        if (unknown is not null)
        {
            bool isOption = unknown.StartsWith('-');
            IEnumerable<string> candidates = isOption ? command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)) : command.Subcommands.Select(sub => sub.Name);
            string what = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            string nearest = NearestName.Of(unknown, candidates) is { } name ? $" Did you mean {name}?" : "";
            message = $"Unknown {what} {unknown}.{nearest}";
        }
        else
        {
            message = string.Join('\n', parsed.Errors.Select(ArgumentTexts.Explain));
        }

        return $"{message}\nSee: {PathOf(command)} --help";
    }

    /// <summary>The words that call a command: <c>tessera data synth</c>.</summary>
    private static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "tessera";
}
