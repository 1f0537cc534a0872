using System.Xml.Linq;
using static Tessera.Compiler.ReportText;

namespace Tessera.Compiler;

/// <summary>
/// Writes a compilation as one HTML file without external resources. The document is well-formed XML too; every name in it is escaped
/// because it is built from elements, never from text.
/// </summary>
public static class ReportHtml
{
    private const double Giga = 1e9;

    /// <summary>The report. The same compilation always gives the same text.</summary>
    public static string Write(CompilationResult result)
    {
        XElement html = Element(
            "html", "", Attribute("lang", "en"),
            Element(
                "head", "",
                new XElement("meta", Attribute("charset", "utf-8")),
                new XElement("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
                Element("title", "", $"{result.Compiled.Program.Name} on {result.Compiled.Info.March}"),
                Element("style", "", Resource("report.css"))),
            Element(
                "body", "",
                Element("main", "", Header(result), Cards(result), Remarks(result), Times(result.Estimate), Memory(result), Layers(result.Estimate), Figures(result.Estimate.March), Provenance(result)),
                Element("script", "", Resource("report.js"))));
        return $"<!DOCTYPE html>\n{html.ToString(SaveOptions.DisableFormatting)}\n";
    }

    private static XElement Header(CompilationResult result) => Element(
        "header", "",
        Element("h1", "", result.Compiled.Program.Name),
        Element("p", "lead", $"{result.Estimate.March.Description} · march {result.Compiled.Info.March} · opt {result.Compiled.Info.OptLevel} · {result.Estimate.Layers.Length} layers"));

    private static XElement Cards(CompilationResult result)
    {
        PerformanceEstimate estimate = result.Estimate;
        return Element(
            "section", "cards",
            estimate.MeasuredMilliseconds is { } measured ? Card("Measured latency", Milliseconds(measured), "ms", "the sum of all layers") : null,
            Card("Latency (estimate)", Milliseconds(estimate.LatencyMilliseconds), "ms", "one frame, one core"),
            Card("Throughput (estimate)", Fixed(estimate.FramesPerSecond, 1), "FPS", $"{Fixed(estimate.PipelinedFramesPerSecond, 1)} pipelined on {Count(estimate.March.Cores, "core")}"),
            Card("DDR traffic", Fixed(estimate.DdrBytes / 1e6, 2), "MB/frame", $"{Bytes(estimate.LoadedBytes)} loaded, {Bytes(estimate.StoredBytes)} stored"),
            Card("Memory", Fixed(result.Memory.MinimumBytes / 1e6, 2), "MB", $"{Bytes(result.Memory.StaticBytes)} static, {Bytes(result.Memory.ArenaBytes)} dynamic"),
            Card("Compute", Fixed(estimate.Macs / Giga, 6), "GMAC", $"{Fixed(estimate.VectorOperations / Giga, 3)} G other operations"));
    }

    private static XElement Card(string title, string value, string unit, string detail) => Element(
        "div", "card", Element("h2", "", title), Element("p", "value", value, Element("span", "unit", $" {unit}")), Element("p", "detail", detail));

    private static XElement Remarks(CompilationResult result) => Element(
        "section", "remarks", Element("p", "", result.Estimate.Basis), result.Check.Remarks.Select(remark => Element("p", "", remark)).ToArray());

    private static XElement Times(PerformanceEstimate estimate) => Element(
        "section", "",
        Element("h2", "", "Time"),
        TimeChart.Strip(estimate.Layers),
        Element("p", "ends", Element("span", "", "0 ms"), Element("span", "", $"{Milliseconds(estimate.LatencyMilliseconds)} ms")),
        Legend([("compute", "arithmetic"), ("memory", "memory traffic"), .. estimate.Layers.Any(layer => layer.MeasuredMilliseconds.HasValue) ? new[] { ("measured", "measured") } : []]),
        Element("div", "scroll", TimeChart.Columns(estimate.Layers)),
        Element("p", "note", "Each layer takes the longer of its arithmetic and its traffic; the strip shows which of the two it waits for."));

    private static XElement Memory(CompilationResult result) => Element(
        "section", "",
        Element("h2", "", "Memory plan"),
        Legend([("tensor-input", "image"), ("tensor-1", "activations"), ("tensor-output", "output"), ("bound", "lower bound of this order")]),
        Element("div", "scroll", MemoryChart.Of(result.Compiled, result.Memory.LowerBoundBytes)),
        Element("div", "scroll", Element(
            "table", "", Element(
                "thead", "", Element("tr", "", Element("th", "text", "Level"), Element("th", "", "Arena"), Element("th", "", "Lower bound"), Element("th", "text", ""))),
            Element("tbody", "", result.Memory.Levels.Select(level => Element(
                "tr", "", Element("td", "text", $"opt {(int)level.Level}"), Element("td", "", Bytes(level.ArenaBytes)), Element("td", "", Bytes(level.LowerBoundBytes)),
                Element("td", "text", (int)level.Level == result.Compiled.Info.OptLevel ? "this compilation" : ""))).ToArray()))),
        Element("p", "note", $"No order of the instructions can do with less than {Bytes(result.Memory.AnyOrderBoundBytes)}; image {Bytes(result.Memory.InputBytes)}, outputs {Bytes(result.Memory.OutputBytes)}."));

    private static XElement Layers(PerformanceEstimate estimate) =>
        Element("section", "", Element("h2", "", "Layers"), Element("div", "scroll", LayerTable.Of(estimate)));

    private static XElement Figures(March march) => Element(
        "section", "",
        Element("h2", "", $"What is known of {march.Name}"),
        Element("div", "scroll", Element(
            "table", "figures", Element(
                "thead", "", Element("tr", "", Element("th", "text", "Figure"), Element("th", "text", "Basis"), Element("th", "text", "Source"))),
            Element("tbody", "", march.Notes.Select(note => Element(
                "tr", "", Element("td", "text name", note.Figure), Element("td", "text", note.Basis.ToString().ToLowerInvariant()), Element("td", "text wide", note.Text))).ToArray()))));

    private static XElement Provenance(CompilationResult result) => Element(
        "section", "",
        Element("h2", "", "Provenance"),
        Element(
            "dl", "",
            Element("dt", "", "Made by"), Element("dd", "", $"Tessera {result.Compiled.Info.ToolVersion}"),
            Element("dt", "", "March"), Element("dd", "", result.Compiled.Info.March),
            Element("dt", "", "Level"), Element("dd", "", $"opt {result.Compiled.Info.OptLevel}"),
            Element("dt", "", "Program"), Element("dd", "name", $"sha256 {ProgramHash.Of(result.Compiled.Program)}"),
            Element("dt", "", "Classes"), Element("dd", "", string.Join(", ", result.Compiled.Info.Classes.Select(entry => entry.Name)))));

    private static XElement Legend((string CssClass, string Text)[] entries) => Element(
        "p", "legend", entries.Select(entry => Element("span", "", Element("span", $"swatch {entry.CssClass}"), entry.Text)).ToArray());

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Resource(string name)
    {
        using Stream stream = typeof(ReportHtml).Assembly.GetManifestResourceStream($"report/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
