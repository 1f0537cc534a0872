using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Observers;

namespace Tessera.Quantization.Analysis;

/// <summary>A verdict on a quantized layer, with what mends it.</summary>
/// <param name="Verdict">What is wrong.</param>
/// <param name="Rule">The rule of calibration that leaves less of the error; null where none is known.</param>
/// <param name="Gain">The energy of the part that the rule is for, after by before, below 1; NaN without a rule.</param>
/// <param name="SharedWith">The convolutions with which it shares its scale: for them its range is as it is.</param>
public sealed record LayerDiagnosis(LayerVerdict Verdict, ObserverRule? Rule, double Gain, ImmutableArray<string> SharedWith)
{
    /// <summary>A rule must leave less than this share of the energy.</summary>
    private const double WorthIt = 0.9;

    private const double ManyDead = 0.25;

    /// <summary>Judges a layer.</summary>
    /// <param name="error">What was measured.</param>
    /// <param name="network">The annotated network.</param>
    /// <param name="matters">Whether quantizing the layer costs accuracy.</param>
    public static LayerDiagnosis Of(LayerError error, Network network, bool matters)
    {
        LayerVerdict verdict = VerdictOf(error, matters);
        ImmutableArray<string> shared = SharedScale(network.Graph, error.Node);
        (ObserverRule? rule, double gain) = error.Node.Op is not Conv2d ? (null, double.NaN) : verdict switch
        {
            LayerVerdict.Clips => Widened(error),
            LayerVerdict.Rounds => shared.IsEmpty ? Fixed(error) : (null, double.NaN),
            LayerVerdict.Weights => OtherWeights(error.Node, network.Parameters),
            _ => (null, double.NaN),
        };
        return gain < WorthIt ? new LayerDiagnosis(verdict, rule, gain, shared) : new LayerDiagnosis(verdict, null, double.NaN, shared);
    }

    private static LayerVerdict VerdictOf(LayerError error, bool matters)
    {
        if (!matters)
        {
            return error.DeadChannels >= ManyDead * error.Channels ? LayerVerdict.Dead : LayerVerdict.Nothing;
        }

        (LayerVerdict Verdict, double Share)[] causes =
        [
            (LayerVerdict.Clips, error.ClipShare), (LayerVerdict.Rounds, error.RoundingShare), (LayerVerdict.Weights, error.WeightShare), (LayerVerdict.Bias, error.BiasShare),
        ];
        return causes.MaxBy(cause => cause.Share).Verdict;
    }

    /// <summary>Everything that was seen fits; or, where few values are that large, the range with the least error.</summary>
    private static (ObserverRule Rule, double Gain) Widened(LayerError error)
    {
        double widest = error.RelativeError(Int8Arithmetic.ScaleFor(error.Largest));
        (ObserverRule rule, double best) = Fixed(error);
        return widest <= best / WorthIt ? (new ObserverRule { Nodes = error.Node.Name, ActivationObserver = ObserverKind.Widest }, widest) : (rule, best);
    }

    private static (ObserverRule Rule, double Gain) Fixed(LayerError error)
    {
        float scale = error.BestScale();
        return (new ObserverRule { Nodes = error.Node.Name, ActivationObserver = ObserverKind.FixedScale, Scale = scale }, error.RelativeError(scale));
    }

    /// <summary>Of the weights' own error; which of it shows in the output depends on what they meet.</summary>
    private static (ObserverRule Rule, double Gain) OtherWeights(Node node, ParameterSet parameters)
    {
        var conv = (Conv2d)node.Op;
        float[] weights = parameters[Conv2d.WeightName(node.Name)];
        bool isPerTensor = node.WeightQuant!.Scales.Distinct().Count() == 1 && conv.OutChannels > 1;
        double before = 0, after = 0;
        for (int channel = 0; channel < conv.OutChannels; channel++)
        {
            ReadOnlySpan<float> values = weights.AsSpan(channel * conv.FanIn, conv.FanIn);
            var observer = new MseObserver(1);
            observer.Observe(values);
            double[] errors = QuantizationError.Squared(values, [node.WeightQuant!.Scales[channel], observer.Scale]);
            (before, after) = (before + errors[0], after + errors[1]);
        }

        return (new ObserverRule { Nodes = node.Name, WeightObserver = ObserverKind.Mse, WeightGranularity = isPerTensor ? WeightGranularity.PerChannel : null }, after / before);
    }

    private static ImmutableArray<string> SharedScale(Graph graph, Node node)
    {
        var groups = new ScaleGroups(graph);
        string leader = groups.LeaderOf(node.Name);
        return [.. graph.Nodes.Where(other => other.Op.Scale == ScaleRule.Own && other.Name != node.Name && groups.LeaderOf(other.Name) == leader).Select(other => other.Name)];
    }
}
