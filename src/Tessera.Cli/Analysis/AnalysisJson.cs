using System.Text.Json;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Training;

namespace Tessera.Cli.Analysis;

/// <summary>Writes an analysis as JSON; keys stay as they are from version to version.</summary>
internal static class AnalysisJson
{
    /// <summary>Bins of the histograms.</summary>
    public const int Bins = 64;

    /// <summary>The text. mIoU and shares are fractions 0..1; null where there is no number.</summary>
    public static string Write(TesseraConfig config, AnalysisSummary summary)
    {
        AnalysisResult result = summary.Result;
        return JsonSerializer.Serialize(
            new
            {
                summary.Stage,
                result.Images,
                AnnouncedSeconds = summary.Announced,
                Seconds = summary.Elapsed,
                HalvesAgree = new { MiouLost = ReportJson.Number(result.HalvesAgree), Flipped = ReportJson.Number(result.FlipsAgree) },
                Float = Metrics(result.Float),
                Quantized = Metrics(result.Quantized),
                FlippedShare = ReportJson.Number((double)result.FlippedPixels / result.MapPixels),
                ClassFlips = result.Flips.Select(flip => new { flip.From, flip.To, flip.Pixels }),
                Layers = summary.Layers.Select((layer, rank) => Layer(config, result, layer, rank + 1)),
            },
            ReportJson.Options);
    }

    private static object Layer(TesseraConfig config, AnalysisResult result, JudgedLayer layer, int rank) => new
    {
        Rank = rank,
        layer.Result.Name,
        Op = layer.Result.Alone.Node.Op.Mnemonic,
        MiouLost = ReportJson.Number(layer.Lost),
        FlippedShare = ReportJson.Number(layer.Flipped),
        layer.Verdict,
        Set = layer.Option(config.CalibrationTrainer.Rules),
        Advice = layer.Advice(config.CalibrationTrainer.Rules),
        layer.Result.Alone.Node.Output.Quant!.Scale,
        Sqnr = ReportJson.Number(layer.Result.Alone.Total.Sqnr),
        Cosine = ReportJson.Number(layer.Result.Alone.Total.Cosine),
        layer.Result.Alone.ClipShare,
        layer.Result.Alone.RoundingShare,
        layer.Result.Alone.WeightShare,
        layer.Result.Alone.BiasShare,
        layer.Result.Alone.LargestBiasError,
        layer.Result.Alone.Channels,
        layer.Result.Alone.DeadChannels,
        layer.Result.Alone.Largest,
        RootMeanSquare = ReportJson.Number(layer.Result.Alone.RootMeanSquare),
        AccumulatedSqnr = ReportJson.Number(layer.Result.Accumulated.Sqnr),
        AccumulatedCosine = ReportJson.Number(layer.Result.Accumulated.Cosine),
        layer.Diagnosis.SharedWith,
        ClassIouLost = result.Float.Classes.Zip(layer.Result.Metrics.Classes, (before, after) => (before.Name, Lost: ReportJson.Number(before.IoU - after.IoU))).ToDictionary(item => item.Name, item => item.Lost),
        HistogramEnd = Math.Max(layer.Result.Alone.Largest, 127.5f * layer.Result.Alone.Node.Output.Quant!.Scale),
        Histogram = layer.Result.Alone.Histogram(Bins),
    };

    private static object Metrics(MetricTable metrics) => new
    {
        Miou = ReportJson.Number(metrics.MeanIoU),
        Classes = metrics.Classes.ToDictionary(row => row.Name, row => ReportJson.Number(row.IoU)),
    };
}
