using System.CommandLine;
using Tessera.Cli.Pipeline;
using Tessera.Data;
using Tessera.Synthetic;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera data synth</c>: synthetic streets in the layout of Cityscapes.</summary>
internal static class DataSynthCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var target = new Option<string>("--out") { Description = "The folder for leftImg8bit/ and gtFine/; absent or empty", HelpName = "DIR", Required = true };
        var train = new Option<int>("--num-train") { Description = "Training images", HelpName = "N", DefaultValueFactory = _ => 200 };
        var val = new Option<int>("--num-val") { Description = "Validation images, of other cities", HelpName = "N", DefaultValueFactory = _ => 50 };
        var size = new Option<string>("--size") { Description = "Height and width, each from 64 to 4096; train on a size that the network takes", HelpName = "H,W", DefaultValueFactory = _ => "256,512" };
        var seed = new Option<ulong>("--seed") { Description = "The same seed draws the same bytes on every machine", HelpName = "N", DefaultValueFactory = _ => 0 };
        var workers = new Option<int>("--num-workers") { Description = "Threads; they change nothing but the time", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };
        return new ExplainedCommand("synth", "Draw street scenes with pixel-true labels of all 19 classes, in the layout of Cityscapes.", target, train, val, size, seed, workers)
        {
            Examples =
            [
                "tessera data synth --out data/synthetic --num-train 240 --num-val 60 --size 256,512 --seed 1",
                "tessera pack --src-data-dir data/synthetic --split-name train --pack-type lmdb",
            ],
            Notes = "The folder appears whole or not at all. Scenes differ in camera, street, daylight, traffic and noise; the validation cities are not those of training.",
            Run = parsed =>
            {
                PackSize parsedSize = PackSize.Parse(parsed.GetRequiredValue(size));
                SynthStep.Result result = SynthStep.Run(context, new SyntheticOptions
                {
                    TargetDir = parsed.GetRequiredValue(target),
                    NumTrain = parsed.GetValue(train),
                    NumVal = parsed.GetValue(val),
                    Height = parsedSize.Height,
                    Width = parsedSize.Width,
                    Seed = parsed.GetValue(seed),
                    NumWorkers = parsed.GetValue(workers),
                });
                context.Console.Out.WriteLine(result.Text);
            },
        };
    }
}
