using System.CommandLine;
using System.Globalization;
using Tessera.Cli.Terminal;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary>HAT's option <c>--device-ids</c>: understood, so that HAT's command lines run, and answered with what this program does.</summary>
internal static class DeviceIds
{
    /// <summary>Creates the option.</summary>
    public static Option<string?> Create() => new("--device-ids", "-ids")
    {
        Description = "Accepted for HAT's sake: the work is done by the CPU, in one process, with all its cores",
        HelpName = "0[,1...]",
    };

    /// <summary>Says what the ids mean here, unless they ask for what is done anyway.</summary>
    /// <exception cref="UsageException">The text is not a list of ids.</exception>
    public static void Note(CommandConsole console, string? text)
    {
        if (text is null)
        {
            return;
        }

        string[] ids = text.Split(',');
        if (ids.Any(id => !int.TryParse(id.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            throw new UsageException($"--device-ids is {text}; expected ids such as 0 or 0,1.");
        }

        if (ids.Length > 1 || ids[0].Trim() != "0")
        {
            console.Error.WriteLine($"note: --device-ids {text} names GPUs; this program works on the CPU in one process, so data_loader.batch_size is the whole batch.");
        }
    }
}
