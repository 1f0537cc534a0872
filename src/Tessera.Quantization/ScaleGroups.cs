using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization;

/// <summary>
/// Which values of a prepared graph have one scale: a pooling and an upsample keep that of their input, a concatenation shares one with all of its inputs.
/// A notion of calibration and lowering; operations only say by which <see cref="ScaleRule"/> they go.
/// </summary>
internal sealed class ScaleGroups
{
    private readonly Dictionary<string, string> _leaders = [];

    /// <summary>Finds the groups.</summary>
    /// <param name="prepared">The prepared graph.</param>
    /// <exception cref="WorkException">A group cannot share a scale; the message names its nodes.</exception>
    public ScaleGroups(Graph prepared)
    {
        foreach (Node node in prepared.Nodes)
        {
            _leaders[node.Name] = node.Name;
            if (node.Op.Scale is ScaleRule.OfInput or ScaleRule.Shared)
            {
                foreach (string input in node.Inputs)
                {
                    Join(node.Name, input);
                }
            }
        }

        foreach (IGrouping<string, Node> group in prepared.Nodes.GroupBy(node => LeaderOf(node.Name)))
        {
            RequireOneScale(group);
        }
    }

    /// <summary>The value that stands for the group of a value: its first in the graph's order.</summary>
    public string LeaderOf(string value)
    {
        while (_leaders[value] is var leader && leader != value)
        {
            value = leader;
        }

        return value;
    }

    /// <summary>One scale for each group: the largest that any of its values needs.</summary>
    /// <param name="own">The scale that each value would have alone.</param>
    public Dictionary<string, float> Share(IReadOnlyDictionary<string, float> own)
    {
        Dictionary<string, float> largest = own.GroupBy(item => LeaderOf(item.Key)).ToDictionary(group => group.Key, group => group.Max(item => item.Value));
        return own.ToDictionary(item => item.Key, item => largest[LeaderOf(item.Key)]);
    }

    // The earlier of the two leads, which is never later than any other of its group.
    private void Join(string later, string earlier)
    {
        string a = LeaderOf(earlier), b = LeaderOf(later);
        if (a != b)
        {
            _leaders[b] = a;
        }
    }

    private static void RequireOneScale(IEnumerable<Node> group)
    {
        Node[] nodes = [.. group];
        if (nodes.FirstOrDefault(node => node.Op.Scale == ScaleRule.Image) is { } image && nodes.FirstOrDefault(node => node.Op.Scale == ScaleRule.Own) is { } own)
        {
            Node join = nodes.First(node => node.Op.Scale == ScaleRule.Shared);
            throw new WorkException($"Node {join.Name} ({join.Op.Mnemonic}) needs one scale for all that it reads, but {image.Name} is the image, whose scale is fixed at 1/{1 / Int8Arithmetic.ImageScale}, and {own.Name} has a scale of its own. Put a 1x1 convolution between the image and {join.Name}.");
        }
    }
}
