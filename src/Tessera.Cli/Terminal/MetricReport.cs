using System.Globalization;
using System.Text.Json;
using Tessera.Cli.Configuration;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Shows what an evaluation gave, in percent as HAT does.</summary>
internal static class MetricReport
{
    /// <summary>The global measures on one line.</summary>
    public static string Summary(MetricTable metrics) =>
        $"mIoU {Percent(metrics.MeanIoU)}  mAcc {Percent(metrics.MeanAccuracy)}  aAcc {Percent(metrics.PixelAccuracy)}";

    /// <summary>The global measures and a row for each class.</summary>
    /// <param name="console">Where they go.</param>
    /// <param name="title">What was evaluated.</param>
    /// <param name="metrics">The measures.</param>
    /// <param name="wanted">Which measures are shown beside IoU and accuracy.</param>
    public static void Write(CommandConsole console, string title, MetricTable metrics, MetricConfig wanted)
    {
        bool hasBoundaries = wanted.BoundaryIoU && !metrics.Boundaries.IsEmpty;
        TextTable table = console.NewTable();
        table.AddColumn("class");
        table.AddNumberColumns(Cells("IoU %", "Acc %", "F1 %", "boundary IoU %", "pixels"));
        foreach ((int number, ClassMetrics row) in metrics.Classes.Index())
        {
            table.AddRow([row.Name, .. Cells(Percent(row.IoU), Percent(row.Accuracy), Percent(row.F1), hasBoundaries ? Percent(metrics.Boundaries[number].IoU) : "", Count(row.Truth))]);
        }

        table.AddEmptyRow();
        table.AddRow(["mean over classes", .. Cells(Percent(metrics.MeanIoU), Percent(metrics.MeanAccuracy), Percent(metrics.MeanF1), Percent(metrics.MeanBoundaryIoU), Count(metrics.PixelCount))]);
        table.AddRow(["all pixels (aAcc)", .. Cells("", Percent(metrics.PixelAccuracy), "", "", "")]);
        if (wanted.FrequencyWeightedIoU)
        {
            table.AddRow(["weighted by frequency", .. Cells(Percent(metrics.FrequencyWeightedIoU), "", "", "", "")]);
        }

        console.WriteTable(title, table);

        string[] Cells(string iou, string accuracy, string f1, string boundary, string pixels) => [iou, accuracy, .. wanted.F1 ? [f1] : Array.Empty<string>(), .. hasBoundaries ? [boundary] : Array.Empty<string>(), pixels];
        static string Count(long pixels) => pixels.ToString("N0", CultureInfo.InvariantCulture);
    }

    /// <summary>All measures as JSON, fractions of 1; a measure that does not exist is null.</summary>
    public static string ToJson(string task, string stage, EvalSize size, int images, MetricTable metrics) => JsonSerializer.Serialize(
        new
        {
            Task = task,
            Stage = stage,
            EvalSize = size == EvalSize.Input ? "input" : "original",
            Images = images,
            Pixels = metrics.PixelCount,
            Miou = ReportJson.Number(metrics.MeanIoU),
            Macc = ReportJson.Number(metrics.MeanAccuracy),
            Aacc = ReportJson.Number(metrics.PixelAccuracy),
            FrequencyWeightedIou = ReportJson.Number(metrics.FrequencyWeightedIoU),
            MeanF1 = ReportJson.Number(metrics.MeanF1),
            BoundaryMiou = ReportJson.Number(metrics.MeanBoundaryIoU),
            Classes = metrics.Classes.Select((row, number) => new
            {
                row.Name,
                Iou = ReportJson.Number(row.IoU),
                Accuracy = ReportJson.Number(row.Accuracy),
                F1 = ReportJson.Number(row.F1),
                BoundaryIou = metrics.Boundaries.IsEmpty ? null : ReportJson.Number(metrics.Boundaries[number].IoU),
                Pixels = row.Truth,
            }),
        },
        ReportJson.Options);

    /// <summary>A fraction in percent; a dash for a class that does not occur.</summary>
    public static string Percent(double fraction) => double.IsNaN(fraction) ? "-" : (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture);
}
