using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera train</c>: one stage of training.</summary>
internal static class TrainCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string> stage = StageOption.Create("What to do: train in float, calibrate, or train with the int8 arithmetic", ["float", "calibration", "qat"]);
        var resume = new Option<bool>("--resume") { Description = "Continue the stage from its last checkpoint" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Start the stage afresh where the run's folder already has checkpoints of it, and replace them" };
        var changes = new Option<bool>("--allow-changes") { Description = "Go on although settings, classes, data or earlier stages are not those that the checkpoint came from" };
        var test = new Option<bool>("--pipeline-test") { Description = "Only two batches, in the folder pipeline-test of the run: shows in a minute whether a stage works" };
        Option<bool> trust = TrustDataOption.Create("Train");
        Option<string?> devices = DeviceIds.Create(), launcher = Launcher.Create();
        return new ExplainedCommand("train", "Train or calibrate: the stages float, calibration and qat, in this order.", stage, config.Path, config.Set, config.Opts, resume, overwrite, changes, test, trust, devices, launcher)
        {
            Examples =
            [
                "tessera train --stage float -c configs/segmentation/unet_mobilenetv1_kitti.yaml",
                "tessera train --stage float -c configs/segmentation/unet_mobilenetv1_kitti.yaml --resume",
                "tessera train --stage calibration -c configs/segmentation/unet_mobilenetv1_kitti.yaml",
                "tessera train --stage qat -c configs/segmentation/unet_mobilenetv1_kitti.yaml --set qat_trainer.num_epochs=5",
            ],
            Notes = """
                calibration starts from the best float checkpoint, qat from the calibration. The run's folder (ckpt_dir) gets, for each stage, the best and the last
                checkpoint and the resolved configuration; history.jsonl has a line for each epoch. Validation compares at the network's input size, as HAT does.
                The learning rate drops at 0-based epochs (lr_decay_id); the lines count epochs from 1. Ctrl-C ends the run after the present step; --resume continues it there.
                A training is never replaced unasked: --overwrite does that. A calibration is, for it only takes minutes. One run at a time works in a folder.
                """,
            Run = parsed =>
            {
                DeviceIds.Note(context.Console, parsed.GetValue(devices));
                Launcher.Note(context.Console, parsed.GetValue(launcher));
                var start = new StartOptions(parsed.GetValue(resume), parsed.GetValue(overwrite), parsed.GetValue(changes));
                if (start.Resume && start.Overwrite)
                {
                    throw new UsageException("--resume continues the training in the run's folder and --overwrite replaces it; give one of both.");
                }

                TesseraConfig loaded = config.Load(parsed);
                DeploymentCheck.Require(loaded);
                PackTrust.Require(loaded, parsed.GetValue(trust));
                foreach (string remark in PackTrust.Remarks(loaded))
                {
                    context.Console.Error.WriteLine($"note: {remark}");
                }

                Run(context, loaded, TrainingStages.Parse(parsed.GetRequiredValue(stage)), start, parsed.GetValue(test));
            },
        };
    }

    private static void Run(CommandContext context, TesseraConfig config, TrainingStage stage, StartOptions start, bool test)
    {
        config = test ? TrainingRun.PipelineTest(config) : config;
        start = test && !start.Resume ? start with { Overwrite = true } : start; // what an earlier test left is worth nothing
        TextWriter output = context.Console.Out;
        string name = TrainingStages.NameOf(stage).ToUpperInvariant();
        output.WriteLine($"==== BEGIN {name} STAGE ====  {config.TaskName}, input {config.InputHeight}x{config.InputWidth}, folder {config.CkptDir}");
        if (stage == TrainingStage.Calibration)
        {
            if (start.Resume)
            {
                context.Console.Error.WriteLine("note: --resume means nothing for a calibration, which is done in one go; it begins anew.");
            }

            Calibrate(context, config, start.AllowChanges, test);
        }
        else
        {
            Train(context, config, stage, start, test);
        }

        output.WriteLine($"==== END {name} STAGE ====");
    }

    private static void Train(CommandContext context, TesseraConfig config, TrainingStage stage, StartOptions start, bool test)
    {
        (TrainingResult result, (int Epoch, MetricTable Metrics)? last) = TrainStep.Train(context, config, stage, start, test);
        if (last is { } best)
        {
            string of = best.Epoch == ValidationReport.StartEpoch ? "of the calibrated network" : $"after epoch {best.Epoch + 1}";
            MetricReport.Write(context.Console, $"validation {of}, the best of this run", best.Metrics, config.Metric);
        }

        context.Console.Out.WriteLine($"best mIoU {MetricReport.Percent(result.BestMetric)}: {result.BestPath}");
    }

    private static void Calibrate(CommandContext context, TesseraConfig config, bool allowChanges, bool test)
    {
        CalibrationResult result = TrainStep.Calibrate(context, config, allowChanges, test);
        MetricReport.Write(context.Console, "validation with the integer arithmetic, weights as trained in float", result.Metrics, config.Metric);
        context.Console.Out.WriteLine($"mIoU {MetricReport.Percent(result.Metrics.MeanIoU)}: {result.Path}");
    }
}
