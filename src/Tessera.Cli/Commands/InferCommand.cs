using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera infer</c>: pictures of what the network sees.</summary>
internal static class InferCommand
{
    private static readonly string[] ImageExtensions = [".png", ".jpg", ".jpeg"];

    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string> stage = StageOption.Create(
            "The stage whose network predicts; compiled runs the artefact", [.. Predictors.Stages, Predictors.Compiled], Predictors.IntInfer);
        var inputs = new Option<string>("--model-inputs") { Description = "An image, or a folder of PNG and JPEG images", HelpName = "img:PATH", Required = true };
        var folder = new Option<string>("--save-path") { Description = "The folder that gets the pictures", HelpName = "DIR", Required = true };
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another checkpoint than the run's best one; for int_infer one of stage qat", HelpName = "FILE" };
        var artefact = new Option<string?>("--artefact") { Description = "The artefact of stage compiled; default: compiled/model.tsr in the run's folder", HelpName = "FILE" };
        return new ExplainedCommand("infer", "Segment images: class map, colours and overlay of each, at its own size.", config.Path, config.Set, inputs, folder, stage, checkpoint, artefact)
        {
            Examples =
            [
                "tessera infer -c configs/segmentation/unet_mobilenetv1_kitti.yaml --model-inputs img:street.png --save-path out",
                "tessera infer -c configs/segmentation/unet_mobilenetv1_kitti.yaml --model-inputs img:../shared/data/kitti/leftImg8bit/val/kitti --save-path out --stage compiled",
            ],
            Notes = "NAME_classes.png holds the train id of each pixel, NAME_color.png the class colours, NAME_overlay.png both over the image.",
            Run = parsed =>
            {
                TesseraConfig loaded = config.Load(parsed);
                IReadOnlyList<string> images = Images(parsed.GetRequiredValue(inputs));
                string stageName = parsed.GetRequiredValue(stage);
                ISegmentationPredictor predictor = stageName == Predictors.Compiled
                    ? Predictors.OfArtefact(context.Console, loaded, parsed.GetValue(artefact) ?? RunFiles.Artefact(RunFiles.CompiledFolder(loaded)))
                    : Predictors.Of(context.Console, loaded, stageName, parsed.GetValue(checkpoint));
                using var owned = predictor as IDisposable;
                InferStep.Run(context, loaded, predictor, images, parsed.GetRequiredValue(folder));
                context.Console.Out.WriteLine($"{images.Count} images in {parsed.GetRequiredValue(folder)}: *_classes.png (train ids), *_color.png, *_overlay.png");
            },
        };
    }

    /// <summary>The image files that HAT's <c>name:value</c> form names; the network has one input, so one pair is all there is.</summary>
    private static IReadOnlyList<string> Images(string inputs)
    {
        if (!inputs.StartsWith("img:", StringComparison.Ordinal) || inputs.Length == "img:".Length)
        {
            throw new UsageException($"--model-inputs is {inputs}; expected img: and a path, such as img:street.png.");
        }

        string path = inputs["img:".Length..];
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] images = [.. Directory.EnumerateFiles(path).Where(file => ImageExtensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
        return images.Length > 0 ? images : throw new BadFileException($"The folder {path} has no PNG or JPEG image. Give another folder, or one image.");
    }
}
