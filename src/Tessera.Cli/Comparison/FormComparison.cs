using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Cli.Comparison;

/// <summary>
/// Compares two forms of one network node by node over any number of images: the first node in the order of execution that leaves the allowed band, with its worst element. What it reads
/// lies within the band, so it is where the forms part.
/// </summary>
/// <param name="graph">The network: its nodes in the order of execution.</param>
/// <param name="expected">The form that is right.</param>
/// <param name="actual">The other one.</param>
/// <param name="band">How far values may be apart.</param>
internal sealed class FormComparison(Graph graph, INetworkForm expected, INetworkForm actual, AllowedBand band)
{
    private int _first = int.MaxValue;
    private double _excess;

    /// <summary>The first node that leaves the band; null while none has.</summary>
    public NodeDifference? First { get; private set; }

    /// <summary>Images compared.</summary>
    public int Images { get; private set; }

    /// <summary>Nodes that both forms show.</summary>
    public int Nodes { get; private set; }

    /// <summary>Elements of these nodes, over all images.</summary>
    public long Elements { get; private set; }

    /// <summary>The largest difference, as a share of what is allowed; in an exact comparison as a number of steps.</summary>
    public double Largest { get; private set; }

    /// <summary>The node of that difference; null while nothing differs.</summary>
    public string? LargestNode { get; private set; }

    /// <summary>Pixels of the class maps that differ.</summary>
    public long DifferingPixels { get; private set; }

    /// <summary>Compares one image.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="image">H×W×3 int8, as the network reads it.</param>
    /// <exception cref="BadFileException">The forms are not of one network.</exception>
    public void Take(string name, sbyte[] image)
    {
        IReadOnlyDictionary<string, NodeValue> a = expected.Run(image), b = actual.Run(image);
        (Images, Nodes) = (Images + 1, 0);
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            Node node = graph.Nodes[i];
            if (!a.TryGetValue(node.Name, out NodeValue? x) || !b.TryGetValue(node.Name, out NodeValue? y))
            {
                continue;
            }

            if (x.Values.Length != y.Values.Length || x.Channels != y.Channels)
            {
                throw new BadFileException($"{expected.Name} and {actual.Name} are not of one network: {node.Name} is {x.Height}x{x.Width}x{x.Channels} in one and {y.Height}x{y.Width}x{y.Channels} in the other. Make both from this configuration.");
            }

            Nodes++;
            Elements += x.Values.Length;
            if (node.Op is ArgMax)
            {
                DifferingPixels += x.Values.Zip(y.Values).Count(pair => pair.First != pair.Second);
            }

            if (node.Op is not ArgMax || band.IsExact)
            {
                Judge(name, i, (a, x), (b, y));
            }
        }
    }

    private void Judge(string image, int place, (IReadOnlyDictionary<string, NodeValue> All, NodeValue Value) a, (IReadOnlyDictionary<string, NodeValue> All, NodeValue Value) b)
    {
        (float scaleA, float scaleB) = band.IsExact ? (1, 1) : (a.Value.Scale, b.Value.Scale);
        double allowed = band.Of(a.Value), worst = 0;
        int at = -1, count = 0;
        for (int i = 0; i < a.Value.Values.Length; i++)
        {
            double difference = Math.Abs(((double)a.Value.Values[i] * scaleA) - ((double)b.Value.Values[i] * scaleB));
            count += difference <= allowed ? 0 : 1; // NaN is beyond every band
            if (difference > worst || (double.IsNaN(difference) && !double.IsNaN(worst)))
            {
                (worst, at) = (difference, i);
            }
        }

        double excess = allowed > 0 ? worst / allowed : worst;
        if (at >= 0 && !(excess <= Largest))
        {
            (Largest, LargestNode) = (excess, graph.Nodes[place].Name);
        }

        if (count > 0 && (place < _first || (place == _first && !(excess <= _excess))))
        {
            (_first, _excess) = (place, excess);
            First = Describe(image, graph.Nodes[place], a, b, at, count, allowed, (scaleA, scaleB));
        }
    }

    private NodeDifference Describe(
        string image, Node node, (IReadOnlyDictionary<string, NodeValue> All, NodeValue Value) a, (IReadOnlyDictionary<string, NodeValue> All, NodeValue Value) b, int at, int count, double allowed, (float A, float B) scale)
    {
        (int pixel, int channel) = Math.DivRem(at, a.Value.Channels);
        (int y, int x) = Math.DivRem(pixel, a.Value.Width);
        ConvOperands? operands = node.Op is Conv2d && expected.ConstantsOf(node.Name) is { } constants && actual.ConstantsOf(node.Name) is { } others
            ? ConvOperands.Of(node, (y, x, channel), (a.All, constants), (b.All, others)) : null;
        return new NodeDifference(node.Name, node.Op.Mnemonic, image, count, y, x, channel, (double)a.Value.Values[at] * scale.A, (double)b.Value.Values[at] * scale.B, allowed, operands);
    }
}
