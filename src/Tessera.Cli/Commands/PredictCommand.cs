using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera predict</c>: the accuracy of a stage over the validation images.</summary>
internal static class PredictCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string> stage = StageOption.Create("The stage whose network predicts", Predictors.Stages);
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another checkpoint than the run's best one; for int_infer one of stage qat", HelpName = "FILE" };
        Option<string?> size = EvalSizeOption.Create();
        var json = new Option<string?>("--json") { Description = "Also write all measures as JSON into this file", HelpName = "FILE" };
        Option<bool> trust = TrustDataOption.Create("Score");
        Option<string?> devices = DeviceIds.Create(), launcher = Launcher.Create();
        return new ExplainedCommand("predict", "Measure the accuracy (mIoU) of a stage over the validation images.", stage, config.Path, config.Set, config.Opts, checkpoint, size, json, trust, devices, launcher)
        {
            Examples =
            [
                "tessera predict --stage float -c configs/segmentation/unet_mobilenetv1_kitti.yaml",
                "tessera predict --stage int_infer -c configs/segmentation/unet_mobilenetv1_kitti.yaml --eval-size input",
                "tessera predict --stage qat -c configs/segmentation/unet_mobilenetv1_kitti.yaml --ckpt runs/unet_mobilenetv1_kitti/qat-checkpoint-last.safetensors",
            ],
            Notes = "mIoU is Cityscapes': one confusion matrix over the set, ignored pixels dropped, classes that do not occur left out.",
            Run = parsed =>
            {
                DeviceIds.Note(context.Console, parsed.GetValue(devices));
                Launcher.Note(context.Console, parsed.GetValue(launcher));
                TesseraConfig loaded = config.Load(parsed);
                Run(context, loaded, parsed.GetRequiredValue(stage), parsed.GetValue(checkpoint), EvalSizeOption.Read(parsed.GetValue(size), loaded), parsed.GetValue(json), parsed.GetValue(trust));
            },
        };
    }

    private static void Run(CommandContext context, TesseraConfig config, string stage, string? checkpoint, EvalSize size, string? json, bool trustData)
    {
        PredictStep.Result result = PredictStep.Run(context, config, stage, checkpoint, size, trustData);
        MetricReport.Write(context.Console, $"{config.TaskName}, stage {stage}, at {EvalSizeOption.Describe(size, config)}", result.Metrics, config.Metric);
        context.Console.Out.WriteLine(MetricReport.Summary(result.Metrics));
        context.Console.Out.WriteLine(result.Speed);
        if (json is not null)
        {
            AtomicFile.WriteText(json, MetricReport.ToJson(config.TaskName, stage, size, result.Images, result.Metrics) + "\n");
            context.Console.Out.WriteLine($"{json}: all measures as JSON");
        }
    }
}
