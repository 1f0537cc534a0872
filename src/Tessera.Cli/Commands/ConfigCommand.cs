using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera config</c>: checks a configuration and prints it with everything that it is based on.</summary>
internal static class ConfigCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        var command = new ExplainedCommand("config", "Check a configuration and print it resolved: bases merged, --set applied, defaults written out.", config.Path, config.Set, config.Opts)
        {
            Examples =
            [
                "tessera config -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml",
                "tessera config -c configs/segmentation/unet_mobilenetv1_kitti.yaml --set float_trainer.num_epochs=3",
            ],
            Notes = "Paths in a configuration are relative to the current folder; only base: files are relative to the file that names them.",
            Run = parsed =>
            {
                TesseraConfig loaded = config.Load(parsed);
                DeploymentCheck.Require(loaded);
                context.Console.Out.Write(loaded.ResolvedYaml);
            },
        };
        command.Subcommands.Add(ConfigImportCommand.Create(context));
        return command;
    }
}
