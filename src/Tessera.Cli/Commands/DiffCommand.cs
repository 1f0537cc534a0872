using System.CommandLine;
using System.Globalization;
using Tessera.Cli.Comparison;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera diff</c>: where two forms of a network part.</summary>
internal static class DiffCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        string names = string.Join(", ", FormNames.All);
        var a = new Argument<string>("A") { Description = $"The form that is right: {names}" };
        var b = new Argument<string>("B") { Description = "The form that is compared with it" };
        var config = new ConfigOptions();
        var images = new Option<int>("--images") { Description = "Validation images; they are drawn by the configuration's seed", HelpName = "N", DefaultValueFactory = _ => 4 };
        var tolerance = new Option<double?>("--tolerance") { Description = "The share of a node's largest magnitude that values may be apart; default: what the two forms promise", HelpName = "T" };
        var artefact = new Option<string?>("--artefact") { Description = "The compiled model; default: compiled/model.tsr in the run's folder", HelpName = "FILE" };
        var json = new Option<string?>("--json") { Description = "Also write everything as JSON, with all operands", HelpName = "FILE" };
        var command = new ExplainedCommand("diff", "Find the first node in which two forms of the network differ, and what made the difference.", config.Path, config.Set, config.Opts, images, tolerance, artefact, json)
        {
            Examples =
            [
                "tessera diff int_infer compiled -c configs/segmentation/unet_mobilenetv1_kitti.yaml",
                "tessera diff float calibration -c configs/segmentation/unet_mobilenetv1_kitti.yaml --tolerance 0.05 --json parted.json",
            ],
            Notes = """
                qat, int_infer, compiled and onnx-int promise the same integers. Other forms may differ by a share of a node's largest magnitude: float and onnx-float by 0.0001, all others by 0.1.
                Exit status 0: no node leaves the band; 4: one does, and the first one is shown.
                """,
            Run = parsed => Run(
                context,
                config.Load(parsed),
                (parsed.GetRequiredValue(a), parsed.GetRequiredValue(b)),
                parsed.GetValue(images),
                parsed.GetValue(tolerance),
                parsed.GetValue(artefact),
                parsed.GetValue(json)),
        };
        command.Arguments.Add(a);
        command.Arguments.Add(b);
        return command;
    }

    private static void Run(CommandContext context, TesseraConfig config, (string A, string B) names, int images, double? tolerance, string? artefact, string? json)
    {
        AllowedBand band = NetworkForms.BandOf(names.A, names.B);
        band = tolerance is { } share ? new AllowedBand(share, band.IsExact && share == 0) : band;
        Require(names, images, band, artefact);
        var forms = new NetworkForms(context, config, artefact ?? RunFiles.Artefact(RunFiles.CompiledFolder(config)));
        (Graph graph, INetworkForm first, INetworkForm second) = forms.Pair(names.A, names.B);
        using (first)
        using (second)
        {
            var comparison = new FormComparison(graph, first, second, band);
            Compare(context, config, comparison, images);
            DiffReport.Write(context.Console, names.A, names.B, band, comparison);
            if (json is not null)
            {
                AtomicFile.WriteText(json, DiffReport.Json(names.A, names.B, band, comparison) + "\n");
                context.Console.Out.WriteLine($"{json}: everything as JSON");
            }

            if (comparison.First is { } difference)
            {
                throw new DifferenceException($"{names.B} differs from {names.A}. On image {difference.Image}, {difference}.");
            }
        }
    }

    private static void Require((string A, string B) names, int images, AllowedBand band, string? artefact)
    {
        FormNames.Require(names.A);
        FormNames.Require(names.B);
        if (names.A == names.B)
        {
            throw new UsageException($"Both forms are {names.A}; name two different ones.");
        }

        if (images < 1)
        {
            throw new UsageException($"--images is {images}; a comparison needs at least 1 image.");
        }

        if (!(band.Share >= 0 && band.Share <= 1e6))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--tolerance is {band.Share}; it must be a number of at least 0, such as 0.05."));
        }

        if (artefact is not null && names.A != Predictors.Compiled && names.B != Predictors.Compiled)
        {
            throw new UsageException($"--artefact is for the form {Predictors.Compiled}, which is not compared here. Leave it out, or name that form.");
        }
    }

    private static void Compare(CommandContext context, TesseraConfig config, FormComparison comparison, int images)
    {
        using DataSource data = DataSource.ForAnalysis(config, EvalSize.Input);
        using var bar = new ProgressBar(context.Console, "comparing", "images");
        int total = Math.Min(images, data.Batches.SampleCount);
        foreach (SegmentationBatch batch in data.Batches.Epoch(0, context.Cancellation).Take(total))
        {
            using (batch)
            {
                comparison.Take(batch.Samples[0].Name, batch.Images[..(batch.Height * batch.Width * 3)]);
            }

            bar.Report(comparison.Images, total);
            context.Cancellation.ThrowIfCancellationRequested();
        }
    }
}
