using System.Globalization;
using System.Xml.Linq;
using Tessera.Graphs;

namespace Tessera.Cli.Analysis;

/// <summary>Draws a graph from left to right: a node stands as many columns to the right as there are nodes on the longest way to it.</summary>
internal static class GraphChart
{
    private const int Column = 26, Row = 26, Box = 18;

    /// <summary>The drawing; each box has its name, a title, and a colour for each measure as data.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="titles">What a layer's box says; nodes that are not in it are small and grey.</param>
    /// <param name="colours">For each measure the colours of the layers; the first one shows.</param>
    public static XElement Of(Graph graph, IReadOnlyDictionary<string, string> titles, IReadOnlyList<(string Key, Dictionary<string, string> Colours)> colours)
    {
        Dictionary<string, (int X, int Y)> places = Places(graph);
        int width = (places.Values.Max(place => place.X) + 1) * Column, height = (places.Values.Max(place => place.Y) + 1) * Row;
        var svg = new XElement("svg", new XAttribute("viewBox", Text($"0 0 {width} {height}")), new XAttribute("width", width), new XAttribute("height", height), new XAttribute("role", "img"), new XAttribute("aria-label", "The network's layers, coloured"));
        foreach (Node node in graph.Nodes)
        {
            foreach (string input in node.Inputs)
            {
                ((int X, int Y) from, (int X, int Y) to) = (places[input], places[node.Name]);
                svg.Add(new XElement("line", new XAttribute("x1", (from.X * Column) + (Box / 2)), new XAttribute("y1", (from.Y * Row) + (Box / 2)), new XAttribute("x2", (to.X * Column) + (Box / 2)), new XAttribute("y2", (to.Y * Row) + (Box / 2))));
            }
        }

        foreach (Node node in graph.Nodes)
        {
            bool isLayer = titles.TryGetValue(node.Name, out string? title);
            int size = isLayer ? Box : Box / 2, inset = (Box - size) / 2;
            (int x, int y) = places[node.Name];
            svg.Add(new XElement(
                "rect", new XAttribute("x", (x * Column) + inset), new XAttribute("y", (y * Row) + inset), new XAttribute("width", size), new XAttribute("height", size), new XAttribute("rx", 3),
                new XAttribute("fill", isLayer ? colours[0].Colours[node.Name] : "#b0b6bc"),
                isLayer ? colours.Select(measure => new XAttribute($"data-{measure.Key}", measure.Colours[node.Name])) : null,
                new XElement("title", title ?? $"{node.Name} ({node.Op.Mnemonic})")));
        }

        return svg;
    }

    private static Dictionary<string, (int X, int Y)> Places(Graph graph)
    {
        var places = new Dictionary<string, (int X, int Y)>();
        var filled = new Dictionary<int, int>();
        foreach (Node node in graph.Nodes)
        {
            int column = node.Inputs.Select(input => places[input].X + 1).DefaultIfEmpty(0).Max();
            int row = filled.GetValueOrDefault(column);
            (filled[column], places[node.Name]) = (row + 1, (column, row));
        }

        return places;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
