using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// Estimates the statistics of every batch norm anew from calibration images: the mean of what training would put into them in each batch. Folding takes the running ones, which in a barely trained network are still
/// near their start, and with a small momentum or a rate too large far behind the weights.
/// </summary>
internal sealed class BatchNormAudit : IDisposable
{
    /// <summary>The images that are looked at; statistics of so many are settled.</summary>
    public const int Images = 64;

    private readonly Network _network;
    private readonly Node[] _norms;
    private readonly GraphModule _module;
    private readonly Dictionary<string, double[]> _sums = [];
    private int _images;

    /// <summary>Prepares for a float network.</summary>
    public BatchNormAudit(Network network)
    {
        _network = network;
        _norms = [.. network.Graph.Nodes.Where(node => node.Op is BatchNorm2d)];

        // With a momentum of 1 the running statistics after a batch are the batch's own.
        Graph forgetful = network.Graph.Rewrite((node, _) => node.Op is BatchNorm2d norm ? node with { Op = norm with { Momentum = 1 } } : node);
        _module = new GraphModule(forgetful, network.Parameters);
        _module.train();
    }

    /// <summary>Whether a network has batch norms, and batches so small that they cannot be trained on do not occur.</summary>
    public static bool CanLookAt(Network network, IBatchSource images)
    {
        TensorShape image = network.Graph.Input.Output.Shape;
        return network.Graph.Nodes.Any(node => node.Op is BatchNorm2d) && BatchStatistics.FindSingle(network.Graph, images.SmallestBatch, image.H, image.W) is null;
    }

    /// <summary>Looks at a batch of the network's input, N images.</summary>
    public void Add(Tensor images)
    {
        int count = (int)images.shape[0];
        foreach (Tensor output in _module.Forward(images))
        {
            output.Dispose();
        }

        foreach (string name in _norms.SelectMany(Statistics))
        {
            double[] sums = CollectionsMarshal.GetValueRefOrAddDefault(_sums, name, out _) ??= new double[_network.Parameters[name].Length];
            float[] batch = _module.ValuesOf(name);
            for (int channel = 0; channel < sums.Length; channel++)
            {
                sums[channel] += (double)batch[channel] * count;
            }
        }

        _images += count;
    }

    /// <summary>How far each norm's memory is from what was seen, in graph order.</summary>
    public ImmutableArray<BatchNormReport> Reports() =>
    [
        .. _norms.Select(node =>
        {
            string[] names = [.. Statistics(node)];
            (float[] Mean, float[] Variance) remembered = (_network.Parameters[names[0]], _network.Parameters[names[1]]);
            ChannelDistance distance = ChannelDistance.Of(Seen(names[0]), Seen(names[1]), remembered, ((BatchNorm2d)node.Op).Eps);
            return new BatchNormReport(node.Name, distance.Shift, distance.Ratio);
        }),
    ];

    /// <summary>The network with what was seen in place of what it remembers.</summary>
    public Network Reestimated()
    {
        ParameterSet parameters = _network.Parameters.Copy();
        foreach (string name in _norms.SelectMany(Statistics))
        {
            parameters[name] = [.. Seen(name).Select(value => (float)value)];
        }

        return _network with { Parameters = parameters };
    }

    /// <inheritdoc/>
    public void Dispose() => _module.Dispose();

    private double[] Seen(string name) => Array.ConvertAll(_sums[name], sum => sum / _images);

    private static IEnumerable<string> Statistics(Node norm) => [$"{norm.Name}.running_mean", $"{norm.Name}.running_var"];
}
