using System.Collections.Immutable;
using System.Xml.Linq;
using static Tessera.Compiler.ReportText;

namespace Tessera.Compiler;

/// <summary>Where the time of a frame goes: one strip with all layers end to end, and a pair of columns per layer.</summary>
internal static class TimeChart
{
    private const double StripWidth = 1000;
    private const double Left = 64;
    private const double Top = 10;
    private const double PlotHeight = 190;
    private const double ColumnWidth = 14;
    private const int LabelEvery = 5;

    /// <summary>The strip: each layer as wide as its time, coloured by what it waits for.</summary>
    public static XElement Strip(ImmutableArray<InstructionEstimate> layers)
    {
        double total = layers.Sum(layer => layer.Milliseconds);
        XElement svg = Element("svg", "strip", Attribute("viewBox", $"0 0 {StripWidth} 28"), Attribute("preserveAspectRatio", "none"), Attribute("role", "img"), Attribute("aria-label", "Layers end to end"));
        double start = 0;
        foreach (InstructionEstimate layer in layers)
        {
            double width = layer.Milliseconds / total * StripWidth;
            svg.Add(Rect(start, 0, width, 28, ColorClass(layer.Bound), $"{layer.Name}: {Milliseconds(layer.Milliseconds)} ms from {Milliseconds(start / StripWidth * total)} ms"));
            start += width;
        }

        return svg;
    }

    /// <summary>The columns: arithmetic and traffic side by side; the higher one is the layer's time. A measured time is a line across.</summary>
    public static XElement Columns(ImmutableArray<InstructionEstimate> layers)
    {
        double highest = layers.Max(layer => Math.Max(layer.Milliseconds, layer.MeasuredMilliseconds ?? 0));
        double step = NiceStep(highest, 5);
        double scale = PlotHeight / highest;
        double width = Left + (layers.Length * ColumnWidth) + 8;
        XElement svg = Element("svg", "chart", Attribute("viewBox", $"0 0 {Coordinate(width)} {Coordinate(Top + PlotHeight + 34)}"), Attribute("role", "img"), Attribute("aria-label", "Time by layer"));
        for (double value = 0; value <= highest; value += step)
        {
            svg.Add(GridLine(width, Top + PlotHeight - (value * scale), value == 0 ? "0 ms" : Axis(value)));
        }

        for (int i = 0; i < layers.Length; i++)
        {
            InstructionEstimate layer = layers[i];
            double x = Left + (i * ColumnWidth);
            string title = $"{i + 1}. {layer.Name}: compute {Milliseconds(layer.ComputeMilliseconds)} ms, memory {Milliseconds(layer.MemoryMilliseconds)} ms";
            svg.Add(Rect(x + 2, Top + PlotHeight - (layer.ComputeMilliseconds * scale), 5, layer.ComputeMilliseconds * scale, "compute", title));
            svg.Add(Rect(x + 7, Top + PlotHeight - (layer.MemoryMilliseconds * scale), 5, layer.MemoryMilliseconds * scale, "memory", title));
            if (layer.MeasuredMilliseconds is { } measured)
            {
                svg.Add(Rect(x + 1, Top + PlotHeight - (measured * scale) - 1, 12, 2, "measured", $"{i + 1}. {layer.Name}: measured {Milliseconds(measured)} ms"));
            }

            if (i == 0 || (i + 1) % LabelEvery == 0)
            {
                svg.Add(Label(x + (ColumnWidth / 2), Top + PlotHeight + 15, "middle", $"{i + 1}"));
            }
        }

        svg.Add(Label(Left + (layers.Length * ColumnWidth / 2), Top + PlotHeight + 31, "middle", "layer number, as in the table below"));
        return svg;
    }

    /// <summary>The class that gives a bound its colour.</summary>
    public static string ColorClass(TimeBound bound) => bound == TimeBound.Compute ? "compute" : "memory";

    /// <summary>A horizontal line with its value on the left.</summary>
    public static XElement[] GridLine(double width, double y, string label) =>
    [
        Element("line", "grid", Attribute("x1", Coordinate(Left)), Attribute("x2", Coordinate(width)), Attribute("y1", Coordinate(y)), Attribute("y2", Coordinate(y))),
        Label(Left - 6, y + 4, "end", label),
    ];

    /// <summary>A rectangle with a tooltip.</summary>
    public static XElement Rect(double x, double y, double width, double height, string cssClass, string title) =>
        Element("rect", cssClass, Attribute("x", Coordinate(x)), Attribute("y", Coordinate(y)), Attribute("width", Coordinate(width)), Attribute("height", Coordinate(height)), Element("title", "", title));

    /// <summary>A text in a chart.</summary>
    public static XElement Label(double x, double y, string anchor, string text) =>
        Element("text", "", Attribute("x", Coordinate(x)), Attribute("y", Coordinate(y)), Attribute("text-anchor", anchor), text);
}
