using System.CommandLine;
using Tessera.Cli.Analysis;
using Tessera.Cli.Configuration;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera analyze</c>: what quantizing each layer costs, and what mends it.</summary>
internal static class AnalyzeCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string> stage = StageOption.Create("The stage whose scales and weights are analysed", ["calibration", "qat"], "calibration");
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another checkpoint than the stage's best one", HelpName = "FILE" };
        var images = new Option<int>("--images") { Description = "The most validation images; they are drawn by the configuration's seed", HelpName = "N", DefaultValueFactory = _ => 50 };
        var seconds = new Option<double>("--seconds") { Description = "About how long it may take; how many images fit is announced after the first few", HelpName = "S", DefaultValueFactory = _ => 60 };
        Option<string?> size = EvalSizeOption.Create();
        var json = new Option<string?>("--json") { Description = "Also write everything as JSON, every layer with its histogram", HelpName = "FILE" };
        var html = new Option<string?>("--html") { Description = "Also write a page with every layer, its histogram, and the network coloured by a chosen measure", HelpName = "FILE" };
        Option<bool> trust = TrustDataOption.Create("Analyse");
        return new ExplainedCommand("analyze", "Find which layers lose accuracy to quantization, why, and what mends it.", stage, config.Path, config.Set, config.Opts, checkpoint, images, seconds, size, json, html, trust)
        {
            Examples =
            [
                "tessera analyze -c configs/segmentation/unet_mobilenetv1_kitti.yaml",
                "tessera analyze -c configs/segmentation/unet_mobilenetv1_kitti.yaml --stage qat --images 20 --json layers.json --html layers.html",
            ],
            Notes = "Each layer in turn is quantized alone, the rest stays float, and the loss of mIoU is measured. docs/analysis.md says what the numbers mean and how to act on a verdict.",
            Run = parsed =>
            {
                TesseraConfig loaded = config.Load(parsed);
                var options = new AnalyzeOptions(
                    TrainingStages.Parse(parsed.GetRequiredValue(stage)),
                    parsed.GetValue(checkpoint),
                    EvalSizeOption.Read(parsed.GetValue(size), loaded),
                    parsed.GetValue(images),
                    parsed.GetValue(seconds),
                    parsed.GetValue(trust));
                AnalysisSummary summary = AnalyzeStep.Run(context, loaded, options);
                AnalysisReport.Write(context.Console, loaded, summary);
                if (parsed.GetValue(json) is { } path)
                {
                    AtomicFile.WriteText(path, AnalysisJson.Write(loaded, summary) + "\n");
                    context.Console.Out.WriteLine($"{path}: every layer as JSON");
                }

                if (parsed.GetValue(html) is { } page)
                {
                    AtomicFile.WriteText(page, AnalysisHtml.Write(loaded, summary));
                    context.Console.Out.WriteLine($"{page}: every layer with its histogram, for a browser");
                }
            },
        };
    }
}
