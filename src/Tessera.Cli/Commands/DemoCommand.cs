using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Demo;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera demo</c>: the whole chain on synthetic streets.</summary>
internal static class DemoCommand
{
    private const string Config = "segmentation/unet_mobilenetv1_synthetic.yaml";

    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var folder = new Option<string>("--out") { Description = "Gets everything; an earlier demonstration there is replaced", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("runs", "demo") };
        var seed = new Option<ulong>("--seed") { Description = "Decides the streets, the initial weights and the order of the images", HelpName = "N", DefaultValueFactory = _ => 0 };
        var train = new Option<int>("--num-train") { Description = "Training images", HelpName = "N", DefaultValueFactory = _ => 300 };
        var val = new Option<int>("--num-val") { Description = "Validation images", HelpName = "N", DefaultValueFactory = _ => 60 };
        var config = new Option<string?>("--config", "-c") { Description = $"Another configuration than configs/{Config}", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Change a key for this run; may be given several times", HelpName = "KEY=VALUE", DefaultValueFactory = _ => [] };
        return new ExplainedCommand("demo", "See it all in minutes: draw streets, train, quantize, predict, compile, prove the bits equal, export.", folder, seed, train, val, config, set)
        {
            Examples =
            [
                "tessera demo",
                "tessera demo --out /tmp/demo --seed 7 --set float_trainer.num_epochs=2",
            ],
            Notes = "Nothing is downloaded. The streets have all 19 classes of Cityscapes; the first line of the last table is what knowing nothing but the position scores.",
            Run = parsed => DemoRun.Run(context, new DemoOptions(
                parsed.GetRequiredValue(folder),
                parsed.GetValue(seed),
                parsed.GetValue(config) ?? ShippedConfig.Find(Config),
                parsed.GetRequiredValue(set),
                parsed.GetValue(train),
                parsed.GetValue(val))),
        };
    }
}
