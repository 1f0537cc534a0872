using System.Globalization;
using Tessera.Cli.Terminal;

namespace Tessera.Cli.Demo;

/// <summary>The table at the end of the demonstration.</summary>
internal sealed class DemoTable
{
    private readonly TextTable _table;
    private readonly CommandConsole _console;

    /// <summary>An empty table.</summary>
    public DemoTable(CommandConsole console)
    {
        _console = console;
        _table = console.NewTable();
        _table.AddColumn("stage");
        _table.AddNumberColumns("mIoU %", "differing pixels", "file", "made in", "images/s");
    }

    /// <summary>Adds a row.</summary>
    /// <param name="stage">What predicts.</param>
    /// <param name="meanIoU">Its mean IoU, 0..1.</param>
    /// <param name="differing">Pixels in which it differs from int_infer; null where it need not be equal.</param>
    /// <param name="file">What it is stored in; null for nothing.</param>
    /// <param name="made">How long making it took; null where that is part of another row.</param>
    /// <param name="rate">Images per second; null where it was not measured.</param>
    public void Add(string stage, double meanIoU, long? differing, string? file, TimeSpan? made, double? rate) => _table.AddRow(
        stage,
        MetricReport.Percent(meanIoU),
        differing?.ToString("N0", CultureInfo.InvariantCulture) ?? "",
        file is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(file).Length / 1e6:0.00} MB"),
        made is { } time ? Duration.Text(time) : "",
        rate?.ToString("0.0", CultureInfo.InvariantCulture) ?? "");

    /// <summary>Shows the table.</summary>
    public void Write(string title) => _console.WriteTable(title, _table);
}
