using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization;

/// <summary>The scales of a prepared network: what calibration finds and the checkpoints of calibration and QAT keep.</summary>
/// <param name="activations">One scale per convolution output, by node name.</param>
/// <param name="weights">One scale per output channel, by node name.</param>
/// <param name="requantization">How sums become int8; the scales are those that it can work with.</param>
public sealed class ScaleTable(IReadOnlyDictionary<string, float> activations, IReadOnlyDictionary<string, QuantParams> weights, Requantization requantization = Requantization.Float32)
{
    /// <summary>Where the metadata of a checkpoint has <see cref="Requantization"/>; absent in those that are older.</summary>
    public const string RequantizationKey = "requantization";

    /// <summary>One scale per convolution output, by node name.</summary>
    public IReadOnlyDictionary<string, float> Activations => activations;

    /// <summary>One scale per output channel of a convolution's weight, by node name.</summary>
    public IReadOnlyDictionary<string, QuantParams> Weights => weights;

    /// <summary>How sums become int8.</summary>
    public Requantization Requantization => requantization;

    /// <summary>The name of the scale of a node's output in a checkpoint.</summary>
    public static string ActivationKey(string node) => $"{node}.scale";

    /// <summary>The name of the scales of a convolution's weights in a checkpoint.</summary>
    public static string WeightKey(string node) => $"{node}.weight_scale";

    /// <summary>Writes the scales into a prepared graph: image 1/128, convolutions from the table, what moves or averages values as its inputs.</summary>
    /// <exception cref="WorkException">The table has no scale for a convolution.</exception>
    public Graph Annotate(Graph prepared)
    {
        Graph annotated = AnnotateActivations(prepared);
        return annotated.Rewrite((node, _) => node.Op is Conv2d ? node with { WeightQuant = Find(weights, node.Name), Requantization = requantization } : node);
    }

    /// <summary>As <see cref="Annotate"/>, without the weights' scales.</summary>
    internal Graph AnnotateActivations(Graph prepared)
    {
        var quants = new Dictionary<string, QuantParams?>();
        return prepared.Rewrite((node, _) =>
        {
            QuantParams? quant = node.Op.Scale switch
            {
                ScaleRule.Image => new QuantParams(Int8Arithmetic.ImageScale),
                ScaleRule.Own => new QuantParams(Find(activations, node.Name)),
                ScaleRule.OfInput or ScaleRule.Shared => quants[node.Inputs[0]],
                ScaleRule.None or ScaleRule.FloatOnly => null,
                _ => throw new ArgumentOutOfRangeException(nameof(prepared), node.Op.Scale, "Not a rule for scales."),
            };
            quants[node.Name] = quant;
            return node with { Output = node.Output with { Quant = quant } };
        });
    }

    /// <summary>The scales of an annotated graph.</summary>
    public static ScaleTable Of(Graph annotated)
    {
        List<Node> convolutions = [.. annotated.Nodes.Where(node => node.Op is Conv2d)];
        return new ScaleTable(
            convolutions.ToDictionary(node => node.Name, node => node.Output.Quant!.Scale),
            convolutions.ToDictionary(node => node.Name, node => node.WeightQuant!),
            RequantizationOf(annotated));
    }

    /// <summary>How an annotated graph's convolutions requantize: all of them alike.</summary>
    public static Requantization RequantizationOf(Graph annotated) => annotated.Nodes.FirstOrDefault(node => node.Op is Conv2d)?.Requantization ?? Requantization.Float32;

    /// <summary>The scales as tensors <c>node.scale</c> [1] and <c>node.weight_scale</c> [channels], in graph order.</summary>
    public ImmutableArray<SafetensorsTensor> ToTensors() =>
    [
        .. activations.Select(item => SafetensorsTensor.FromFloats(ActivationKey(item.Key), [1], [item.Value])),
        .. weights.Select(item => SafetensorsTensor.FromFloats(WeightKey(item.Key), [item.Value.Scales.Length], item.Value.Scales.AsSpan())),
    ];

    /// <summary>Reads the scales of a prepared graph's convolutions from a checkpoint.</summary>
    /// <param name="prepared">The prepared graph.</param>
    /// <param name="file">The checkpoint's content.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="BadFileException">A scale is missing, of another shape, or not positive, or the requantization is unknown.</exception>
    public static ScaleTable From(Graph prepared, SafetensorsFile file, string path)
    {
        var activations = new Dictionary<string, float>();
        var weights = new Dictionary<string, QuantParams>();
        Requantization requantization = !file.Metadata.TryGetValue(RequantizationKey, out string? name) ? Requantization.Float32
            : RequantizationRules.TryFind(name) ?? throw new BadFileException($"{path} was calibrated for the requantization {PrintableText.Escape(name)}, which this version does not know. Use the version of Tessera that wrote it.");
        foreach (Node node in prepared.Nodes)
        {
            if (node.Op is Conv2d conv)
            {
                activations[node.Name] = Read(file, path, ActivationKey(node.Name), 1).Scale;
                weights[node.Name] = Read(file, path, WeightKey(node.Name), conv.OutChannels);
            }
        }

        return new ScaleTable(activations, weights, requantization);
    }

    private static QuantParams Read(SafetensorsFile file, string path, string key, int count)
    {
        if (!file.TryGet(key, out SafetensorsTensor? tensor))
        {
            throw new BadFileException($"{path} has no tensor {key}: it is not the checkpoint of a calibrated network. Give one that the calibration or QAT stage wrote.");
        }

        float[] scales = tensor.ToFloats(path);
        return scales.Length == count && scales.All(scale => scale > 0 && float.IsFinite(scale))
            ? new QuantParams([.. scales])
            : throw new BadFileException($"{path}: tensor {key} must hold {count} positive scales. It was made for another network or is damaged; calibrate again.");
    }

    private static T Find<T>(IReadOnlyDictionary<string, T> table, string node) =>
        table.TryGetValue(node, out T? value) ? value : throw new WorkException($"There is no scale for node {node}. Calibrate this network first.");
}
