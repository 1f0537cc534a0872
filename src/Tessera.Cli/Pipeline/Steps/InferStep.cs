using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Data;
using Tessera.Runtime;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Segments images and writes class map, colours and overlay of each.</summary>
internal static class InferStep
{
    private const double OverlayShare = 0.5;

    /// <summary>Segments images, each at its own size, and names every overlay as it is done.</summary>
    /// <returns>The overlays, in the order of the images.</returns>
    /// <exception cref="Core.BadFileException">An image cannot be read, or the folder cannot be written.</exception>
    public static IReadOnlyList<string> Run(CommandContext context, TesseraConfig config, ISegmentationPredictor predictor, IReadOnlyList<string> images, string folder, int maxMegapixels = ImageLimit.DefaultMegapixels)
    {
        using var bar = new ProgressBar(context.Console, "segmenting", "images");
        var overlays = new List<string>();
        foreach (string path in images)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            RgbImage image = ImageFile.ReadRgb(path, maxMegapixels);
            byte[] classes = Classes(config, predictor, image);
            string name = Path.Combine(folder, Path.GetFileNameWithoutExtension(path));
            ImageFile.WriteGray($"{name}_classes.png", new LabelImage(classes, image.Height, image.Width));
            ImageFile.WriteRgb($"{name}_color.png", image with { Pixels = Overlay.Colorize(classes, config.Classes) });
            ImageFile.WriteRgb($"{name}_overlay.png", image with { Pixels = Overlay.Blend(image.Pixels, classes, config.Classes, OverlayShare) });
            overlays.Add($"{name}_overlay.png");
            bar.Clear();
            context.Console.Out.WriteLine(overlays[^1]);
            bar.Report(overlays.Count, images.Count);
        }

        return overlays;
    }

    /// <summary>The train id of every pixel of an image.</summary>
    public static byte[] Classes(TesseraConfig config, ISegmentationPredictor predictor, RgbImage image)
    {
        sbyte[] input = ImagePreparation.Prepare(image.Pixels, image.Height, image.Width, config.InputHeight, config.InputWidth, config.ValDataLoader.Transforms.Swing);
        ClassMaps map = predictor.Predict(input, 1, config.InputHeight, config.InputWidth);
        return ClassMapImage.Resize(map.Values, map.Height, map.Width, image.Height, image.Width);
    }
}
