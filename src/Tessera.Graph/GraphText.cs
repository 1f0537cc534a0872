using System.Globalization;
using System.Text;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>
/// The text form of a graph: one line per node, <c>%name = op(%inputs) attributes : shape annotations</c>.
/// <see cref="GraphParser"/> reads it back; passes are tested by comparing it.
/// </summary>
public static class GraphText
{
    /// <summary>Writes the graph as text, lines ended by a line feed.</summary>
    public static string Print(Graph graph) => Print(graph, (text, node) =>
    {
        text.Append(" : ").Append(node.Output.Shape);
        AppendScales(text, " scale=", node.Output.Quant);
        AppendScales(text, " weight_scale=", node.WeightQuant);
        if (node.Requantization != Requantization.Float32)
        {
            text.Append(" requantization=").Append(node.Requantization.Name);
        }
    });

    /// <summary>Writes what the graph computes and with which parameters, whatever the size of the image: <see cref="Print(Graph)"/> without shapes and annotations.</summary>
    public static string PrintStructure(Graph graph) => Print(graph, static (_, _) => { });

    private static string Print(Graph graph, Action<StringBuilder, Node> annotate)
    {
        var text = new StringBuilder();
        text.Append("graph ").Append(graph.Name).Append('\n');
        foreach (Node node in graph.Nodes)
        {
            text.Append('%').Append(node.Name).Append(" = ").Append(node.Op.Mnemonic).Append('(');
            text.AppendJoin(", ", node.Inputs.Select(input => $"%{input}")).Append(')');
            node.Op.Through(new AttributeText(text));
            annotate(text, node);
            text.Append('\n');
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            text.Append("output ").Append(output.Name).Append(" = %").Append(output.Value).Append('\n');
        }

        return text.ToString();
    }

    private static void AppendScales(StringBuilder text, string label, QuantParams? quant)
    {
        if (quant is not null)
        {
            text.Append(label).AppendJoin(',', quant.Scales.Select(scale => scale.ToString("R", CultureInfo.InvariantCulture)));
        }
    }
}
