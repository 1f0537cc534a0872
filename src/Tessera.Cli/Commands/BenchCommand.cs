using System.CommandLine;
using Tessera.Cli.Benchmarking;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera bench</c>: how fast the compiled model is on this machine, beside ONNX Runtime.</summary>
internal static class BenchCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        var threads = new Option<string>("--threads") { Description = "Numbers of threads to measure with", HelpName = "LIST", DefaultValueFactory = _ => "1" };
        var artefact = new Option<string?>("--artefact") { Description = "Measure this compiled model; default: the configuration's network, compiled anew", HelpName = "FILE" };
        var frames = new Option<int?>("--frames") { Description = "Rounds to measure; default: as many as fit in half a minute, 5 to 200", HelpName = "N" };
        var peers = new Option<string>("--peers") { Description = "Forms to run in ONNX Runtime beside it: some of float,qdq,integer, or none", HelpName = "LIST", DefaultValueFactory = _ => "float,qdq" };
        Option<string?> shape = InputShapeOption.Create("Measure");
        var json = new Option<string?>("--json") { Description = "Also write everything, with every frame's time, into this file", HelpName = "FILE" };
        var cold = new Option<string?>("--cold-start") { Description = "Load one model and run one frame; bench runs itself in this way", HelpName = "FILE", Hidden = true };
        var pixels = new Option<int>("--pixels") { Description = "Pixels of the image for --cold-start", HelpName = "N", Hidden = true };
        return new ExplainedCommand("bench", "Measure the compiled model on this machine, layer by layer and beside ONNX Runtime.", config.Path, config.Set, config.Opts, threads, artefact, frames, peers, shape, json, cold, pixels)
        {
            Examples =
            [
                "tessera bench -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml --threads 1,2",
                "tessera bench -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml --input-shape 1,3,512,1024 --peers float,qdq,integer --json bench.json",
            ],
            Notes = """
                Each round runs one frame of every runner in turn, in one process, so that ratios hold on a busy machine; absolute times want a quiet one. It needs no data and no
                training: without a checkpoint the parameters are seeded random numbers, with which AVX2 takes some 10 % longer than with trained ones. Load, first frame and peak memory are those of a fresh process.
                """,
            Run = parsed =>
            {
                IReadOnlyList<int> counts = BenchOptions.ParseThreads(parsed.GetRequiredValue(threads));
                if (parsed.GetValue(cold) is { } model)
                {
                    ColdStartProbe.Run(model, parsed.GetValue(pixels), counts[0], context.Console.Out);
                    return;
                }

                if (parsed.GetValue(frames) is { } count and < 1)
                {
                    throw new UsageException($"--frames is {count}; it must be 1 or more.");
                }

                var options = new BenchOptions(
                    parsed.GetRequiredValue(config.Path),
                    counts,
                    BenchOptions.ParsePeers(parsed.GetRequiredValue(peers)),
                    parsed.GetValue(artefact),
                    InputShapeOption.Read(parsed.GetValue(shape)),
                    parsed.GetValue(frames));
                BenchResult result = BenchRun.Run(context, config.Load(parsed), options);
                BenchReport.Write(context.Console, result);
                if (parsed.GetValue(json) is { } path)
                {
                    AtomicFile.WriteText(path, BenchJson.Write(result) + "\n");
                    context.Console.Out.WriteLine($"{path}: everything as JSON, with the time of every frame");
                }
            },
        };
    }
}
