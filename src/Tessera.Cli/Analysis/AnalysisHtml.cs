using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Training;

namespace Tessera.Cli.Analysis;

/// <summary>Writes an analysis as one HTML file without external resources. The document is well-formed XML too; names are escaped because it is built from elements.</summary>
internal static class AnalysisHtml
{
    private const int ChartWidth = 128, ChartHeight = 28;

    private const string Style = """
        body { font: 15px/1.45 system-ui, sans-serif; margin: 0; color: #1c2126; background: #fff; }
        main { max-width: 1400px; margin: 0 auto; padding: 16px; }
        h1 { font-size: 1.4rem; margin: 0 0 4px; } h2 { font-size: 1.1rem; margin: 24px 0 8px; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; white-space: nowrap; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 9px; text-align: right; border-bottom: 1px solid #e3e7ea; } th:first-child, td:first-child, .text { text-align: left; }
        td.advice { white-space: normal; min-width: 22rem; font-size: 0.85rem; } line { stroke: #c5ccd2; } .clip { stroke: #c82828; stroke-width: 1.5; } .bars { fill: #5b7fa6; }
        @media (prefers-color-scheme: dark) { body { color: #e4e8eb; background: #15191d; } th, td { border-color: #2b3238; } line { stroke: #4a535b; } .bars { fill: #86abd4; } }
        """;

    private const string Script = """
        document.getElementById('measure').addEventListener('change', function (event) {
          document.querySelectorAll('#graph rect').forEach(function (box) {
            var colour = box.getAttribute('data-' + event.target.value);
            if (colour) { box.setAttribute('fill', colour); }
          });
        });
        """;

    /// <summary>The page.</summary>
    public static string Write(TesseraConfig config, AnalysisSummary summary)
    {
        AnalysisResult result = summary.Result;
        string title = $"{config.TaskName}, stage {summary.Stage}";
        var html = new XElement(
            "html", new XAttribute("lang", "en"),
            new XElement(
                "head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", title),
                new XElement("style", Style)),
            new XElement(
                "body",
                new XElement(
                    "main",
                    new XElement("h1", title),
                    new XElement("p", Text($"{result.Images} of {summary.Available} images: mIoU float {MetricReport.Percent(result.Float.MeanIoU)}, quantized {MetricReport.Percent(result.Quantized.MeanIoU)}. What each layer costs when it alone is quantized.")),
                    Graph(summary),
                    new XElement("h2", "Layers, the one that loses most first"),
                    new XElement("div", new XAttribute("class", "scroll"), Table(config, summary)),
                    new XElement("p", "The histograms show the magnitudes of the float output on a logarithmic scale, without zeros; the red line is the end of int8.")),
                new XElement("script", Script)));
        return $"<!DOCTYPE html>\n{html.ToString(SaveOptions.DisableFormatting)}\n";
    }

    private static XElement[] Graph(AnalysisSummary summary) =>
    [
        new XElement("h2", "The network"),
        new XElement("p", new XElement("label", "Coloured by ", new XElement("select", new XAttribute("id", "measure"), LayerMeasure.All.Select(measure => new XElement("option", new XAttribute("value", measure.Key), measure.Title)))), " (red is worst)"),
        new XElement("div", new XAttribute("class", "scroll"), new XAttribute("id", "graph"), GraphChart.Of(
            summary.Graph,
            summary.Layers.ToDictionary(layer => layer.Result.Name, layer => Text($"{layer.Result.Name}: {100 * layer.Lost:0.00} mIoU lost, {100 * layer.Flipped:0.00} % flipped, {layer.Result.Alone.Total.Sqnr:0.0} dB; {layer.Verdict}")),
            [.. LayerMeasure.All.Select(measure => (measure.Key, measure.Colours(summary.Layers)))])),
    ];

    private static XElement Table(TesseraConfig config, AnalysisSummary summary)
    {
        string[] heads = ["layer", "mIoU lost", "flipped %", "SQNR dB", "SQNR dB of all", "clip %", "round %", "weights %", "bias %", "dead", "verdict", "magnitudes", "advice"];
        return new XElement(
            "table",
            new XElement("thead", new XElement("tr", heads.Select(head => new XElement("th", head)))),
            new XElement("tbody", summary.Layers.Select(layer => new XElement("tr", Cells(config, layer)))));
    }

    private static IEnumerable<XElement> Cells(TesseraConfig config, JudgedLayer layer)
    {
        string[] figures =
        [
            layer.Result.Name, Text($"{100 * layer.Lost:0.00}"), Text($"{100 * layer.Flipped:0.00}"), Text($"{layer.Result.Alone.Total.Sqnr:0.0}"), Text($"{layer.Result.Accumulated.Sqnr:0.0}"),
            Text($"{100 * layer.Result.Alone.ClipShare:0}"), Text($"{100 * layer.Result.Alone.RoundingShare:0}"), Text($"{100 * layer.Result.Alone.WeightShare:0}"), Text($"{100 * layer.Result.Alone.BiasShare:0}"),
            $"{layer.Result.Alone.DeadChannels}/{layer.Result.Alone.Channels}", layer.Verdict,
        ];
        return [.. figures.Select(figure => new XElement("td", figure)), new XElement("td", Histogram(layer)), new XElement("td", new XAttribute("class", "text advice"), layer.Advice(config.CalibrationTrainer.Rules) ?? "")];
    }

    private static XElement Histogram(JudgedLayer layer)
    {
        long[] bins = layer.Result.Alone.Histogram(AnalysisJson.Bins);
        double range = 127.5 * layer.Result.Alone.Node.Output.Quant!.Scale, end = Math.Max(layer.Result.Alone.Largest, range), top = Math.Log(1 + Math.Max(1, bins.Max()));
        var path = new StringBuilder(Text($"M0 {ChartHeight}"));
        for (int i = 0; i < bins.Length; i++)
        {
            path.Append(Text($"V{ChartHeight * (1 - (Math.Log(1 + bins[i]) / top)):0.#}H{(i + 1) * ChartWidth / bins.Length}"));
        }

        double clip = range / end * ChartWidth;
        return new XElement(
            "svg", new XAttribute("width", ChartWidth), new XAttribute("height", ChartHeight), new XAttribute("viewBox", Text($"0 0 {ChartWidth} {ChartHeight}")),
            new XElement("path", new XAttribute("class", "bars"), new XAttribute("d", path.Append(Text($"V{ChartHeight}Z")).ToString())),
            new XElement("line", new XAttribute("class", "clip"), new XAttribute("x1", Text($"{clip:0.#}")), new XAttribute("x2", Text($"{clip:0.#}")), new XAttribute("y1", 0), new XAttribute("y2", ChartHeight)),
            new XElement("title", Text($"to {end:G3}; int8 ends at {range:G3}")));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
