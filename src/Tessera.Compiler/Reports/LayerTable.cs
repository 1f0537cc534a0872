using System.Xml.Linq;
using static Tessera.Compiler.ReportText;

namespace Tessera.Compiler;

/// <summary>The table of layers; each cell carries its exact value, so that a few lines of script can sort by it.</summary>
internal static class LayerTable
{
    /// <summary>The table, in execution order.</summary>
    public static XElement Of(PerformanceEstimate estimate)
    {
        bool measured = estimate.Layers.Any(layer => layer.MeasuredMilliseconds.HasValue);
        double longest = estimate.Layers.Max(layer => layer.Milliseconds);
        XElement body = Element("tbody", "");
        for (int i = 0; i < estimate.Layers.Length; i++)
        {
            body.Add(Row(i + 1, estimate.Layers[i], longest, measured));
        }

        return Element("table", "layers", Attribute("id", "layers"), Head(measured), body, Foot(estimate, measured));
    }

    private static XElement Head(bool measured) => Element(
        "thead", "", Element(
            "tr", "",
            Header("#"), Header("Layer", "text"), Header("Kind", "text"), Header("Output"), Header("Time ms"), measured ? Header("Measured ms") : null,
            Header("Compute ms"), Header("Memory ms"), Header("MMAC"), Header("Used"), Header("Weights"), Header("Loaded"), Header("Stored")));

    private static XElement Header(string text, string cssClass = "") => Element("th", cssClass, Attribute("scope", "col"), text);

    private static XElement Row(int number, InstructionEstimate layer, double longest, bool measured) => Element(
        "tr", "",
        Cell(number, $"{number}"),
        Element("td", "text name", Attribute("data-v", layer.Name), layer.Name),
        Element("td", "text", Attribute("data-v", layer.Kind.Label()), layer.Kind.Label()),
        Cell(layer.Output.Height * (double)layer.Output.Width * layer.Output.Channels, $"{layer.Output.Height}×{layer.Output.Width}×{layer.Output.Channels}"),
        TimeCell(layer, longest),
        measured ? Cell(layer.MeasuredMilliseconds ?? -1, layer.MeasuredMilliseconds is { } time ? Milliseconds(time) : "–") : null,
        Cell(layer.ComputeMilliseconds, Milliseconds(layer.ComputeMilliseconds)),
        Cell(layer.MemoryMilliseconds, Milliseconds(layer.MemoryMilliseconds)),
        Cell(layer.Macs, layer.Macs == 0 ? "–" : MegaMacs(layer.Macs)),
        Cell(layer.Utilisation, $"{Fixed(100 * layer.Utilisation, 0)} %"),
        Cell(layer.WeightBytes, layer.WeightBytes == 0 ? "–" : Bytes(layer.WeightBytes)),
        Cell(layer.LoadedBytes, layer.LoadedBytes == 0 ? "–" : Bytes(layer.LoadedBytes)),
        Cell(layer.StoredBytes, layer.StoredBytes == 0 ? "–" : Bytes(layer.StoredBytes)));

    private static XElement TimeCell(InstructionEstimate layer, double longest) => Element(
        "td", "time", Attribute("data-v", layer.Milliseconds),
        Element(
            "span", $"bar {TimeChart.ColorClass(layer.Bound)}", Attribute("title", layer.Bound == TimeBound.Compute ? "waits for arithmetic" : "waits for memory"),
            Attribute("style", $"width:{Fixed(100 * layer.Milliseconds / longest, 1)}%")),
        Element("span", "", Milliseconds(layer.Milliseconds)));

    private static XElement Foot(PerformanceEstimate estimate, bool measured) => Element(
        "tfoot", "", Element(
            "tr", "",
            Element("td", ""), Element("td", "text", "All layers"), Element("td", ""), Element("td", ""),
            Element("td", "", Milliseconds(estimate.LatencyMilliseconds)),
            measured ? Element("td", "", estimate.MeasuredMilliseconds is { } total ? Milliseconds(total) : "–") : null,
            Element("td", "", Milliseconds(estimate.Layers.Sum(layer => layer.ComputeMilliseconds))),
            Element("td", "", Milliseconds(estimate.Layers.Sum(layer => layer.MemoryMilliseconds))),
            Element("td", "", MegaMacs(estimate.Macs)),
            Element("td", ""),
            Element("td", "", Bytes(estimate.Layers.Sum(layer => layer.WeightBytes))),
            Element("td", "", Bytes(estimate.Layers.Sum(layer => layer.LoadedBytes))),
            Element("td", "", Bytes(estimate.StoredBytes))));

    private static XElement Cell(double value, string text) => Element("td", "", Attribute("data-v", value), text);
}
