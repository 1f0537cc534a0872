using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera infer</c>: pictures of what the network sees.</summary>
internal static class InferCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string> stage = StageOption.Create(
            "The stage whose network predicts; compiled runs the artefact", [.. Predictors.Stages, Predictors.Compiled], Predictors.IntInfer);
        var inputs = new Option<string>("--model-inputs") { Description = "An image, or a folder of PNG and JPEG images and folders", HelpName = "img:PATH", Required = true };
        var folder = new Option<string>("--save-path") { Description = "The folder that gets the pictures; not one that holds images of the input", HelpName = "DIR", Required = true };
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another checkpoint than the run's best one; for int_infer one of stage qat", HelpName = "FILE" };
        var artefact = new Option<string?>("--artefact") { Description = "The artefact of stage compiled; default: compiled/model.tsr in the run's folder", HelpName = "FILE" };
        Option<int> megapixels = MegapixelOption.Create();
        return new ExplainedCommand("infer", "Segment images: class map, colours and overlay of each, at its own size.", config.Path, config.Set, config.Opts, inputs, folder, stage, checkpoint, artefact, megapixels)
        {
            Examples =
            [
                "tessera infer -c configs/segmentation/unet_mobilenetv1_kitti.yaml --model-inputs img:street.png --save-path out",
                "tessera infer -c configs/segmentation/unet_mobilenetv1_kitti.yaml --model-inputs img:../shared/data/kitti/leftImg8bit/val/kitti --save-path out --stage compiled",
            ],
            Notes = """
                NAME_classes.png holds the train id of each pixel, NAME_color.png the class colours, NAME_overlay.png both over the image. Folders below the given one are
                searched too and kept in DIR. An image that cannot be read is named and the others are done; the exit status is then 3.
                """,
            Run = parsed =>
            {
                string stageName = parsed.GetRequiredValue(stage), save = parsed.GetRequiredValue(folder);
                if (stageName == Predictors.Compiled)
                {
                    UnusedOption.Refuse(parsed, $"is not read by --stage {stageName}, which runs the artefact", checkpoint);
                }
                else
                {
                    UnusedOption.Refuse(parsed, $"is not read by --stage {stageName}, which runs a checkpoint", artefact);
                }

                TesseraConfig loaded = config.Load(parsed);
                int limit = ImageLimit.Require(parsed.GetValue(megapixels));
                InferenceInputs images = InferenceInputs.Find(PathOf(parsed.GetRequiredValue(inputs)), save);
                ISegmentationPredictor predictor = stageName == Predictors.Compiled
                    ? Predictors.OfArtefact(context.Console, loaded, parsed.GetValue(artefact) ?? RunFiles.Artefact(RunFiles.CompiledFolder(loaded)))
                    : Predictors.Of(context.Console, loaded, stageName, parsed.GetValue(checkpoint));
                using var owned = predictor as IDisposable;
                InferStep.Run(context, loaded, predictor, images, save, limit);
            },
        };
    }

    /// <summary>The path in HAT's <c>name:value</c> form; the network has one input, so one pair is all there is.</summary>
    private static string PathOf(string inputs) => inputs.StartsWith("img:", StringComparison.Ordinal) && inputs.Length > "img:".Length
        ? inputs["img:".Length..]
        : throw new UsageException($"--model-inputs is {inputs}; expected img: and a path, such as img:street.png.");
}
