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
    public static string Print(Graph graph)
    {
        var text = new StringBuilder();
        text.Append("graph ").Append(graph.Name).Append('\n');
        foreach (Node node in graph.Nodes)
        {
            text.Append('%').Append(node.Name).Append(" = ").Append(node.Op.Mnemonic).Append('(');
            text.AppendJoin(", ", node.Inputs.Select(input => $"%{input}")).Append(')');
            foreach ((string key, string value) in Attributes(node.Op))
            {
                text.Append(' ').Append(key).Append('=').Append(value);
            }

            text.Append(" : ").Append(node.Output.Shape);
            AppendScales(text, " scale=", node.Output.Quant);
            AppendScales(text, " weight_scale=", node.WeightQuant);
            text.Append('\n');
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            text.Append("output ").Append(output.Name).Append(" = %").Append(output.Value).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<(string Key, string Value)> Attributes(Op op)
    {
        if (op is BatchNorm2d norm)
        {
            yield return ("channels", Number(norm.Channels));
            yield return ("eps", Number(norm.Eps));
            yield return ("momentum", Number(norm.Momentum));
        }

        if (op is not Conv2d conv)
        {
            yield break;
        }

        yield return ("in", Number(conv.InChannels));
        yield return ("out", Number(conv.OutChannels));
        yield return ("kernel", Number(conv.Kernel));
        yield return ("stride", Number(conv.Stride));
        yield return ("padding", Number(conv.Padding));
        yield return ("groups", Number(conv.Groups));
        if (conv.Residual)
        {
            yield return ("residual", "true");
        }

        if (conv.Relu)
        {
            yield return ("relu", "true");
        }

        if (conv.Init.NormalStd is { } std)
        {
            yield return ("init_std", Number(std));
        }
    }

    private static void AppendScales(StringBuilder text, string label, QuantParams? quant)
    {
        if (quant is not null)
        {
            text.Append(label).AppendJoin(',', quant.Scales.Select(scale => Number(scale)));
        }
    }

    // The shortest text that parses back to the same float32.
    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
