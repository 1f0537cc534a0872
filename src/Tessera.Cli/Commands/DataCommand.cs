using System.CommandLine;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera data</c>: the commands that make, check and fetch data sets.</summary>
internal static class DataCommand
{
    /// <summary>Creates the command with those below it.</summary>
    public static Command Create(CommandContext context)
    {
        Command[] commands = [DataSynthCommand.Create(context), DataCheckCommand.Create(context), DataDownloadCommand.Create(context)];
        var group = new ExplainedCommand("data", "Make, check or download a data set: see the commands below it.")
        {
            Examples = [.. commands.OfType<ExplainedCommand>().Select(command => command.Examples[0])],
            Run = _ => throw new UsageException($"tessera data needs one of the commands {string.Join(", ", commands.Select(command => command.Name))}.\nSee: tessera data --help"),
        };
        foreach (Command command in commands)
        {
            group.Subcommands.Add(command);
        }

        return group;
    }
}
