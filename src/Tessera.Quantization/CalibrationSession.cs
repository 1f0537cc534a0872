using System.Collections.Immutable;
using System.Globalization;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Observers;
using Tessera.Quantization.Rescue;

namespace Tessera.Quantization;

/// <summary>Watches the activations of a prepared float network over some batches and ends with every scale.</summary>
public sealed class CalibrationSession
{
    private readonly Graph _graph;
    private readonly Requantization _requantization;
    private readonly Dictionary<string, Observer> _observers;
    private readonly Dictionary<string, ObserverChoice> _choices;
    private readonly Dictionary<string, ActivationStatistics> _statistics;
    private readonly Dictionary<string, SecondMoments> _moments;
    private readonly ILookup<string, SecondMoments> _momentsOfInput;

    /// <summary>Begins a session.</summary>
    /// <param name="prepared">The graph that <see cref="QuantizationPreparation.Prepare"/> made.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="UsageException">The averaging constant lies outside (0, 1], or a rule is for no node of the graph.</exception>
    public CalibrationSession(Graph prepared, CalibrationOptions options)
    {
        if (!(options.AveragingConstant > 0 && options.AveragingConstant <= 1))
        {
            throw new UsageException($"The averaging constant of calibration is {options.AveragingConstant}; it must lie in (0, 1].");
        }

        foreach (ObserverRule rule in options.Rules)
        {
            rule.Require(prepared);
            if (rule.Scale is { } scale && !options.Requantization.Takes(scale))
            {
                throw new UsageException(string.Create(
                    CultureInfo.InvariantCulture, $"The fixed scale {scale} of the rule for {rule.Nodes} is no power of two, which the requantization {options.Requantization.Name} of the march needs. Give {options.Requantization.Scale(scale)}, or choose another march."));
            }
        }

        _graph = prepared;
        _requantization = options.Requantization;
        _choices = prepared.Nodes.Where(node => node.Op.Scale == ScaleRule.Own).ToDictionary(node => node.Name, node => ObserverChoice.Of(options, node));
        _observers = _choices.ToDictionary(item => item.Key, item => item.Value.CreateActivation());
        _statistics = prepared.Nodes.Where(node => node.Op.Scale != ScaleRule.None).ToDictionary(node => node.Name, node => Statistics(node.Output.Shape));
        Node[] rounded = options.AdaptRounding ? [.. prepared.Nodes.Where(node => node.Op is Conv2d)] : [];
        _moments = rounded.ToDictionary(node => node.Name, node => new SecondMoments((Conv2d)node.Op, prepared.ValueOf(node.Inputs[0]).Shape));
        _momentsOfInput = rounded.ToLookup(node => node.Inputs[0], node => _moments[node.Name]);
    }

    /// <summary>The values to show: of every convolution, which has a scale of its own, and of what only moves or averages values, for the report.</summary>
    public IReadOnlyCollection<string> ObservedValues => _statistics.Keys;

    /// <summary>The largest magnitude that each channel of a value has had.</summary>
    public ReadOnlyMemory<float> LargestOf(string value) => _statistics[value].Largest;

    /// <summary>The mean of each channel of a value.</summary>
    public ReadOnlyMemory<double> MeanOf(string value) => _statistics[value].Mean;

    /// <summary>The second moments of what a convolution reads; with <see cref="CalibrationOptions.AdaptRounding"/>.</summary>
    internal SecondMoments MomentsOf(string convolution) => _moments[convolution];

    /// <summary>Takes the real values of one batch; different values may be observed from different threads.</summary>
    /// <exception cref="WorkException">A value is NaN or infinite; the message names the node.</exception>
    public void Observe(string value, ReadOnlySpan<float> values)
    {
        ActivationStatistics statistics = _statistics[value];
        if (_observers.TryGetValue(value, out Observer? observer))
        {
            Observe(observer, value, values);
            statistics.Follow(observer);
        }

        statistics.Take(values);
        foreach (SecondMoments moments in _momentsOfInput[value])
        {
            moments.Take(values);
        }
    }

    /// <summary>The scales of all activations and weights.</summary>
    /// <param name="parameters">The prepared network's parameters.</param>
    /// <exception cref="WorkException">A value was never observed, or a weight or bias cannot be quantized; the message names the node.</exception>
    public ScaleTable Finish(ParameterSet parameters)
    {
        var activations = new Dictionary<string, float>();
        foreach ((string value, Observer observer) in _observers)
        {
            activations[value] = observer.Batches > 0
                ? _requantization.Scale(observer.Scale)
                : throw new WorkException($"Calibration saw no batch for node {value}. Give at least one calibration image.");
        }

        activations = new ScaleGroups(_graph).Share(activations);
        Graph annotated = new ScaleTable(activations, new Dictionary<string, QuantParams>()).AnnotateActivations(_graph);
        var weights = new Dictionary<string, QuantParams>();
        foreach (Node node in annotated.Nodes.Where(node => node.Op is Conv2d))
        {
            weights[node.Name] = WeightScales(annotated, node, parameters);
        }

        return new ScaleTable(activations, weights, _requantization);
    }

    /// <summary>What was found for each convolution, in graph order.</summary>
    /// <param name="annotated">The network with the scales of <see cref="Finish"/>.</param>
    public ImmutableArray<NodeReport> Report(Network annotated) =>
        [.. annotated.Graph.Nodes.Where(node => node.Op is Conv2d).Select(node => NodeReport.Of(
            annotated, node, _statistics[node.Name], _statistics[node.Name].Drift(_observers[node.Name]), channel => IsSilent(annotated.Graph, node.Inputs[0], channel)))];

    private bool IsSilent(Graph graph, string value, int channel) =>
        _statistics[value].HasValues && _statistics[value].Largest.Span[channel] < graph.ValueOf(value).Quant!.Scale / 2;

    private static ActivationStatistics Statistics(TensorShape shape) => new(shape.C, shape.H * shape.W);

    private QuantParams WeightScales(Graph annotated, Node node, ParameterSet parameters)
    {
        var conv = (Conv2d)node.Op;
        ReadOnlySpan<float> weight = parameters[Conv2d.WeightName(node.Name)];
        float[] bias = parameters[Conv2d.BiasName(node.Name)];
        var bounds = new WeightScaleBounds(annotated.ValueOf(node.Inputs[0]).Quant!.Scale, node.Output.Quant!.Scale, AccumulatorRepair.IsNonNegative(annotated, node.Inputs[0]), _requantization);
        var scales = new float[conv.OutChannels];
        int fanIn = conv.FanIn;
        float[] observed = ObservedWeights(node, conv, weight);
        for (int channel = 0; channel < scales.Length; channel++)
        {
            try
            {
                scales[channel] = bounds.Nearest(observed[channel], weight.Slice(channel * fanIn, fanIn), bias[channel]);
            }
            catch (WorkException fault)
            {
                throw new WorkException($"Calibration at node {node.Name}, channel {channel}: {fault.Message}", fault);
            }
        }

        return new QuantParams([.. scales]);
    }

    private static void Observe(Observer observer, string node, ReadOnlySpan<float> values)
    {
        try
        {
            observer.Observe(values);
        }
        catch (WorkException fault)
        {
            throw new WorkException($"Calibration at node {node}: {fault.Message}", fault);
        }
    }

    /// <summary>The scale of each output channel as its observer sees it.</summary>
    private float[] ObservedWeights(Node node, Conv2d conv, ReadOnlySpan<float> weight)
    {
        ObserverChoice choice = _choices[node.Name];
        int count = choice.Granularity == WeightGranularity.PerTensor ? 1 : conv.OutChannels, length = weight.Length / count;
        float[] scales = new float[count];
        for (int i = 0; i < count; i++)
        {
            Observer observer = choice.CreateWeight();
            Observe(observer, node.Name, weight.Slice(i * length, length));
            scales[i] = observer.Scale;
        }

        return count == 1 ? [.. Enumerable.Repeat(scales[0], conv.OutChannels)] : scales;
    }
}
