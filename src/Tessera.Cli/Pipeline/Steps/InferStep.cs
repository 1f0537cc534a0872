using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Data;
using Tessera.Runtime;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Segments images and writes class map, colours and overlay of each.</summary>
internal static class InferStep
{
    private const double OverlayShare = 0.5;

    /// <summary>
    /// Segments images, each at its own size, and names every overlay as it is done. An image that cannot be read does not end the run: it is named, and
    /// counts in the fault at the end.
    /// </summary>
    /// <param name="context">Console and cancellation.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="predictor">The network.</param>
    /// <param name="inputs">The images.</param>
    /// <param name="folder">The folder of the results.</param>
    /// <param name="maxMegapixels">Larger images are refused, see <see cref="ImageLimit"/>.</param>
    /// <exception cref="BadFileException">Some of the images cannot be read, or the folder cannot be written.</exception>
    public static void Run(CommandContext context, TesseraConfig config, ISegmentationPredictor predictor, InferenceInputs inputs, string folder, int maxMegapixels = ImageLimit.DefaultMegapixels)
    {
        CreateFolder(folder);
        foreach (string note in inputs.Notes)
        {
            context.Console.Error.WriteLine($"note: {note}");
        }

        using var bar = new ProgressBar(context.Console, "segmenting", "images");
        int total = inputs.Images.Count + inputs.Faults.Count, done = 0, failed = 0;
        foreach (string fault in inputs.Faults)
        {
            Name(fault);
        }

        foreach ((string path, string result) in inputs.Images)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            RgbImage image;
            try
            {
                image = ImageFile.ReadRgb(path, maxMegapixels);
            }
            catch (BadFileException fault) when (total > 1)
            {
                bar.Clear();
                Name(fault.Message);
                continue;
            }

            Write(config, predictor, image, result);
            done++;
            bar.Clear();
            context.Console.Out.WriteLine($"{result}{InferenceInputs.OverlaySuffix}");
            bar.Report(done + failed, total);
        }

        context.Console.Out.WriteLine($"{done} {(done == 1 ? "image" : "images")} in {folder}: *{InferenceInputs.ClassesSuffix} (train ids), *{InferenceInputs.ColourSuffix}, *{InferenceInputs.OverlaySuffix}");
        if (failed > 0)
        {
            throw new BadFileException($"{failed} of {total} inputs could not be segmented; each is named above. The results of the other {done} are in {folder}.");
        }

        void Name(string fault)
        {
            failed++;
            context.Console.WriteFault(fault);
        }
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot write to --save-path {folder}: {fault.Message} Give another folder.", fault);
        }
    }

    private static void Write(TesseraConfig config, ISegmentationPredictor predictor, RgbImage image, string result)
    {
        byte[] classes = Classes(config, predictor, image);
        ImageFile.WriteGray($"{result}{InferenceInputs.ClassesSuffix}", new LabelImage(classes, image.Height, image.Width));
        ImageFile.WriteRgb($"{result}{InferenceInputs.ColourSuffix}", image with { Pixels = Overlay.Colorize(classes, config.Classes) });
        ImageFile.WriteRgb($"{result}{InferenceInputs.OverlaySuffix}", image with { Pixels = Overlay.Blend(image.Pixels, classes, config.Classes, OverlayShare) });
    }

    /// <summary>The train id of every pixel of an image.</summary>
    public static byte[] Classes(TesseraConfig config, ISegmentationPredictor predictor, RgbImage image)
    {
        sbyte[] input = ImagePreparation.Prepare(image.Pixels, image.Height, image.Width, config.InputHeight, config.InputWidth, config.ValDataLoader.Transforms.Swing);
        ClassMaps map = predictor.Predict(input, 1, config.InputHeight, config.InputWidth);
        return ClassMapImage.Resize(map.Values, map.Height, map.Width, image.Height, image.Width);
    }
}
