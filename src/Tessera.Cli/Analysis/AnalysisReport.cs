using System.Globalization;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Analysis;

/// <summary>Shows an analysis: the layers that lose most, and what mends them.</summary>
internal static class AnalysisReport
{
    private const int Shown = 10, ShownFlips = 5;

    /// <summary>Writes it.</summary>
    public static void Write(CommandConsole console, TesseraConfig config, AnalysisSummary summary)
    {
        AnalysisResult result = summary.Result;
        TextTable table = console.NewTable();
        table.AddColumn("layer", wraps: false);
        table.AddNumberColumns("mIoU lost", "flipped %", "SQNR dB", "cosine", "clip %", "round %", "weights %", "bias %", "dead", "SQNR dB of all");
        table.AddColumns("loses most", "verdict");
        foreach (JudgedLayer layer in summary.Layers.Take(Shown))
        {
            table.AddRow(
                layer.Result.Name, Points(layer.Lost), Percent(layer.Flipped, 2), Decibel(layer.Result.Alone.Total.Sqnr), Fixed(layer.Result.Alone.Total.Cosine, 5),
                Percent(layer.Result.Alone.ClipShare), Percent(layer.Result.Alone.RoundingShare), Percent(layer.Result.Alone.WeightShare), Percent(layer.Result.Alone.BiasShare),
                $"{layer.Result.Alone.DeadChannels}/{layer.Result.Alone.Channels}", Decibel(layer.Result.Accumulated.Sqnr), LosesMost(result, layer), layer.Verdict);
        }

        console.WriteTable($"{config.TaskName}, stage {summary.Stage}: what each layer costs when it alone is quantized ({Math.Min(Shown, summary.Layers.Length)} of {summary.Layers.Length})", table);
        console.Out.WriteLine($"mIoU float {MetricReport.Percent(result.Float.MeanIoU)}, quantized {MetricReport.Percent(result.Quantized.MeanIoU)} ({Points(result.Float.MeanIoU - result.Quantized.MeanIoU)} lost, {Percent((double)result.FlippedPixels / result.MapPixels, 2)} % of the pixels flipped); all layers alone lose {Points(summary.Layers.Sum(layer => layer.Lost))} in sum.");
        if (!result.Flips.IsEmpty)
        {
            console.Out.WriteLine($"Classes that change most: {string.Join(", ", result.Flips.Take(ShownFlips).Select(flip => $"{flip.From} to {flip.To} {Percent((double)flip.Pixels / result.FlippedPixels)} %"))} of the flipped pixels.");
        }

        console.Out.WriteLine($"{result.Images} of {summary.Available} images in {Duration.Text(summary.Elapsed)}{(summary.Announced is { } announced ? $" (announced: {Duration.Text(announced)})" : "")}; rankings on one half of them agree with those on the other by {Fixed(result.HalvesAgree, 2)} for mIoU lost and {Fixed(result.FlipsAgree, 2)} for flipped pixels (Spearman; 1 is the same order).");
        WriteAdvice(console, config, summary);
    }

    /// <summary>The class whose IoU falls most when a layer is quantized, and by how many points.</summary>
    private static string LosesMost(AnalysisResult result, JudgedLayer layer)
    {
        (string name, double lost) = result.Float.Classes.Zip(layer.Result.Metrics.Classes, (before, after) => (before.Name, Lost: before.IoU - after.IoU)).Where(item => item.Lost > 0)
            .OrderByDescending(item => item.Lost).FirstOrDefault();
        return name is null ? "-" : $"{name} {Points(lost)}";
    }

    private static void WriteAdvice(CommandConsole console, TesseraConfig config, AnalysisSummary summary)
    {
        IReadOnlyList<ObserverRule> existing = config.CalibrationTrainer.Rules;
        foreach (JudgedLayer layer in summary.Layers.Take(Shown))
        {
            if (layer.Advice(existing) is { } advice)
            {
                console.Out.WriteLine($"  {layer.Result.Name} ({layer.Verdict}): {advice}");
            }
        }

        ObserverRule[] rules = [.. summary.Layers.Select(layer => layer.Diagnosis.Rule).OfType<ObserverRule>()];
        if (rules.Length > 1)
        {
            console.Out.WriteLine($"All of it at once, for {rules.Length} layers: {ObserverRuleText.Option([.. existing, .. rules])}");
        }
        else if (rules.Length == 0)
        {
            console.Out.WriteLine("No rule for an observer would leave clearly less of any layer's error.");
        }
    }

    private static string Points(double fraction) => Fixed(100 * fraction, 2);

    private static string Percent(double fraction, int digits = 0) => Fixed(100 * fraction, digits);

    private static string Decibel(double value) => double.IsPositiveInfinity(value) ? "exact" : Fixed(value, 1);

    private static string Fixed(double value, int digits) => double.IsFinite(value) ? (Math.Round(value, digits) + 0.0).ToString($"F{digits}", CultureInfo.InvariantCulture) : "-";
}
