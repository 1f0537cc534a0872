using System.CommandLine;
using Tessera.Cli.HatConfigs;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera config import</c>: a configuration made of a HAT file.</summary>
internal static class ConfigImportCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "HAT's configuration, a Python file" };
        var target = new Option<string?>("--out", "-o") { Description = "Where the YAML goes; default: standard output", HelpName = "FILE" };
        var command = new ExplainedCommand("import", "Make a configuration of a HAT file (Python), and say what of it could not be taken over.", target)
        {
            Examples =
            [
                "tessera config import unet_mobilenetv1_cityscapes.py -o cityscapes.yaml",
                "tessera config import unet_mobilenetv1_cityscapes.py",
            ],
            Notes = """
                The file is read, never executed: assignments, literals, arithmetic, dict(), tuple(), np.array(), os.path.join() and the names defined before are understood. Each key
                that is not taken over has a line on standard error and a comment in the YAML. What the file does not say is the tutorial's. An existing FILE of --out is not replaced.
                """,
            Run = parsed => Run(context, parsed.GetRequiredValue(file), parsed.GetValue(target)),
        };
        command.Arguments.Add(file);
        return command;
    }

    private static void Run(CommandContext context, string path, string? target)
    {
        if (target is not null && File.Exists(target))
        {
            throw new UsageException($"--out {target} exists already. Name another file, or remove it.");
        }

        HatImport import = HatImport.Read(path);
        foreach (string remark in import.Remarks)
        {
            context.Console.Error.WriteLine($"note: {remark}");
        }

        if (target is null)
        {
            context.Console.Out.Write(import.Yaml);
        }
        else
        {
            AtomicFile.WriteText(target, import.Yaml);
            context.Console.Out.WriteLine($"{target}: made of {path}, with {import.Remarks.Length} notes. Try it: tessera train --stage float -c {target} --pipeline-test");
        }
    }
}
