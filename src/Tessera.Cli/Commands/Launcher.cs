using System.CommandLine;
using Tessera.Cli.Terminal;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary>HAT's option <c>--launcher</c>: understood, so that HAT's command lines run, and answered with what this program does.</summary>
internal static class Launcher
{
    private static readonly string[] Known = ["torch", "mpi"];

    /// <summary>Creates the option.</summary>
    public static Option<string?> Create() => new("--launcher") { Description = "Accepted for HAT's sake: the work is done in one process", HelpName = string.Join('|', Known) };

    /// <summary>Says what a launcher means here.</summary>
    /// <exception cref="UsageException">HAT has no such launcher.</exception>
    public static void Note(CommandConsole console, string? launcher)
    {
        if (launcher is not null && !Known.Contains(launcher))
        {
            throw new UsageException($"--launcher is {launcher}; it must be {string.Join(" or ", Known)}.");
        }

        if (launcher is not null)
        {
            console.Error.WriteLine($"note: --launcher {launcher} starts several processes in HAT; this program works in one. Start it without {(launcher == "mpi" ? "mpirun" : "torchrun")}, and make data_loader.batch_size the whole batch.");
        }
    }
}
