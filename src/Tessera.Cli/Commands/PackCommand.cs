using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Tessera.Cli.Terminal;
using Tessera.Data;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera pack</c>: images and labels in the Cityscapes layout into one LMDB file.</summary>
internal static class PackCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var source = new Option<string>("--src-data-dir") { Description = "The folder that holds leftImg8bit/ and gtFine/", HelpName = "DIR", Required = true };
        var target = new Option<string>("--target-data-dir") { Description = "Where the pack goes; default: the source folder", HelpName = "DIR", DefaultValueFactory = _ => "" };
        var split = new Option<string>("--split-name") { Description = "train, val or test", HelpName = "NAME", DefaultValueFactory = _ => "train" };
        var type = new Option<string>("--pack-type") { Description = "lmdb is the only one", HelpName = "TYPE", Required = true };
        var workers = new Option<int>("--num-workers") { Description = "Threads that decode and encode", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };
        var samples = new Option<int?>("--num-samples") { Description = "Pack only the first N images", HelpName = "N" };
        return new ExplainedCommand("pack", "Pack labelled images in the Cityscapes layout for training: every file is checked on the way.", source, target, split, type, workers, samples)
        {
            Examples =
            [
                "tessera pack --src-data-dir data/cityscapes --split-name train --pack-type lmdb",
                "tessera pack --src-data-dir ../shared/data/kitti --target-data-dir data/kitti --split-name val --pack-type lmdb",
            ],
            Notes = "Writes TARGET/NAME_lmdb, whole or not at all; an older pack stays until the new one is complete. HAT reads such packs, and Tessera reads HAT's.",
            Run = parsed => Run(context, new PackOptions
            {
                SrcDataDir = parsed.GetRequiredValue(source),
                TargetDataDir = parsed.GetValue(target) ?? "",
                SplitName = parsed.GetRequiredValue(split),
                PackType = parsed.GetRequiredValue(type),
                NumWorkers = parsed.GetValue(workers),
                NumSamples = parsed.GetValue(samples),
            }),
        };
    }

    private static void Run(CommandContext context, PackOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        var bar = new ProgressBar(context.Console, $"packing {options.SplitName}", "images");
        PackResult result;
        try
        {
            result = Packer.Run(options, new Relay(bar), context.Cancellation);
        }
        finally
        {
            bar.Clear();
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        context.Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Packed {result.Count} images into {result.Path}: {result.Bytes / 1e6:0.0} MB in {Duration.Text(elapsed)} ({result.Count / elapsed.TotalSeconds:0.0} images/s)."));
    }

    private sealed class Relay(ProgressBar bar) : IProgress<PackProgress>
    {
        public void Report(PackProgress value) => bar.Report(value.Done, value.Total);
    }
}
