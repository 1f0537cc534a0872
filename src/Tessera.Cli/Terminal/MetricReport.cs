using System.Globalization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Shows what an evaluation gave, in percent as HAT does.</summary>
internal static class MetricReport
{
    /// <summary>The global measures on one line.</summary>
    public static string Summary(MetricTable metrics) =>
        $"mIoU {Percent(metrics.MeanIoU)}  mAcc {Percent(metrics.MeanAccuracy)}  aAcc {Percent(metrics.PixelAccuracy)}";

    /// <summary>The global measures and a row for each class.</summary>
    public static void Write(CommandConsole console, string title, MetricTable metrics)
    {
        TextTable table = console.NewTable();
        table.AddColumn("class");
        table.AddNumberColumns("IoU %", "Acc %", "pixels");

        foreach (ClassMetrics row in metrics.Classes)
        {
            table.AddRow(row.Name, Percent(row.IoU), Percent(row.Accuracy), row.Truth.ToString("N0", CultureInfo.InvariantCulture));
        }

        table.AddEmptyRow();
        table.AddRow("mean over classes", Percent(metrics.MeanIoU), Percent(metrics.MeanAccuracy), metrics.PixelCount.ToString("N0", CultureInfo.InvariantCulture));
        table.AddRow("all pixels (aAcc)", "", Percent(metrics.PixelAccuracy), "");
        console.WriteTable(title, table);
    }

    /// <summary>A fraction in percent; a dash for a class that does not occur.</summary>
    public static string Percent(double fraction) => double.IsNaN(fraction) ? "-" : (100 * fraction).ToString("0.00", CultureInfo.InvariantCulture);
}
