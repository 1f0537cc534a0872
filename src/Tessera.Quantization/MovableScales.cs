using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization;

/// <summary>
/// Which scales of an annotated network may move in QAT, and a network with moved ones. A group (concatenation, pooling, upsampling) moves as one; the image's scale and
/// those that a rule fixed (<see cref="ObserverKind.FixedScale"/>) never move; weight scales stay within what the exact arithmetic and calibration ask of them.
/// </summary>
public sealed class MovableScales
{
    private readonly ScaleGroups _groups;
    private readonly HashSet<string> _fixed = [];
    private readonly HashSet<string> _shared = [];
    private readonly Dictionary<string, bool> _nonNegative;

    /// <summary>Finds them.</summary>
    /// <param name="annotated">The annotated graph.</param>
    /// <param name="calibration">How it was calibrated: which scales are fixed, and whose weights share one.</param>
    public MovableScales(Graph annotated, CalibrationOptions calibration)
    {
        _groups = new ScaleGroups(annotated);
        foreach (Node node in annotated.Nodes.Where(node => node.Op.Scale is ScaleRule.Image or ScaleRule.Own))
        {
            ObserverChoice? choice = node.Op.Scale == ScaleRule.Own ? ObserverChoice.Of(calibration, node) : null;
            if (choice is null or { Activation: ObserverKind.FixedScale })
            {
                _fixed.Add(_groups.LeaderOf(node.Name));
            }

            if (choice is { Granularity: WeightGranularity.PerTensor })
            {
                _shared.Add(node.Name);
            }
        }

        _nonNegative = annotated.Nodes.Where(node => node.Op is Conv2d).ToDictionary(node => node.Name, node => AccumulatorRepair.IsNonNegative(annotated, node.Inputs[0]));
        Activations =
        [
            .. annotated.Nodes.Where(node => node.Op.Scale == ScaleRule.Own && !_fixed.Contains(_groups.LeaderOf(node.Name)))
                .GroupBy(node => _groups.LeaderOf(node.Name))
                .Select(group => (group.Key, group.Sum(node => (long)node.Output.Shape.C * node.Output.Shape.H * node.Output.Shape.W))),
        ];
    }

    /// <summary>The groups of activations whose scale may move: the value that leads each, and how many elements of one image are quantized to the group's scale.</summary>
    public IReadOnlyList<(string Leader, long Elements)> Activations { get; }

    /// <summary>The value that leads the group of a value; null where the group's scale is fixed.</summary>
    public string? LeaderOf(string value) => _groups.LeaderOf(value) is var leader && _fixed.Contains(leader) ? null : leader;

    /// <summary>Whether all weights of a convolution move by one scale.</summary>
    public bool HasSharedWeightScale(string convolution) => _shared.Contains(convolution);

    /// <summary>The graph with other scales.</summary>
    /// <param name="network">The annotated network, with finite parameters.</param>
    /// <param name="activations">The scales of groups by their leader; others stay.</param>
    /// <param name="weights">The scales that would fit the weights, by convolution, one for each output channel; others stay as far as their bounds let them.</param>
    /// <exception cref="WorkException">No weight scale holds a bias; the message names node and channel.</exception>
    public Graph Moved(Network network, IReadOnlyDictionary<string, float> activations, IReadOnlyDictionary<string, float[]> weights)
    {
        Graph graph = network.Graph;
        var outputs = new Dictionary<string, float>();
        var scales = new Dictionary<string, QuantParams>();
        foreach (Node node in graph.Nodes.Where(node => node.Op is Conv2d))
        {
            outputs[node.Name] = ScaleOf(node.Name);
            IReadOnlyList<float> wanted = weights.TryGetValue(node.Name, out float[]? moved) ? moved : node.WeightQuant!.Scales;
            scales[node.Name] = WithinBounds(network, node, wanted, new WeightScaleBounds(ScaleOf(node.Inputs[0]), outputs[node.Name], _nonNegative[node.Name], node.Requantization));
        }

        return new ScaleTable(outputs, scales, ScaleTable.RequantizationOf(graph)).Annotate(graph);

        float ScaleOf(string value) => activations.TryGetValue(_groups.LeaderOf(value), out float scale) ? scale : QuantizedConvolution.ScaleOf(graph.ValueOf(value));
    }

    private static QuantParams WithinBounds(Network network, Node node, IReadOnlyList<float> wanted, WeightScaleBounds bounds)
    {
        float[] weights = network.Parameters[Conv2d.WeightName(node.Name)], bias = network.Parameters[Conv2d.BiasName(node.Name)];
        int fanIn = ((Conv2d)node.Op).FanIn;
        var scales = new float[wanted.Count];
        for (int channel = 0; channel < scales.Length; channel++)
        {
            try
            {
                scales[channel] = bounds.Nearest(wanted[channel], weights.AsSpan(channel * fanIn, fanIn), bias[channel]);
            }
            catch (WorkException fault)
            {
                throw new WorkException($"Node {node.Name}, channel {channel}: {fault.Message} Train QAT with a smaller learning rate.", fault);
            }
        }

        return new QuantParams([.. scales]);
    }
}
