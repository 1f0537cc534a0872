using System.Globalization;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// Moves the scales of a network in QAT after each step, as <see cref="QatOptions"/> say, and gives the module the graph with the moved ones. What it remembers between steps are the scales
/// themselves, which lie in the graph, the momentum of learned ones, and of frozen weight scales what they are where no bound holds them off.
/// </summary>
/// <remarks>
/// Learned scales take LSQ's gradient G, <c>Σ ∂L/∂x̂·d</c> (<see cref="StepQuantizer"/>) times <c>1/√(N·127)</c>, N the elements of one image or the weights that share the scale, and go down it with a momentum of 0.9 and without decay:
/// <c>v ← 0.9·v + G/s</c>, <c>s ← s·exp(−rate·v)</c>, which for small steps is LSQ's <c>s − rate·G</c> and keeps s positive.
/// </remarks>
internal sealed class ScaleSteps : IDisposable
{
    private const double Momentum = 0.9;
    private const string MomentumSlot = "momentum.", FrozenSlot = "frozen.";

    /// <summary>
    /// The most that a step may change a learned scale, as a logarithm: a tenth. Scales of folded weights differ by factors of 10⁵, and with them the steps that gradients ask for relative to the scale.
    /// </summary>
    private const double LargestStep = 0.1;

    private readonly GraphModule _module;
    private readonly QatOptions _options;
    private readonly MovableScales _movable;
    private readonly StepQuantizer _quantizer;
    private readonly Dictionary<string, float[]> _momentum = [];
    private readonly Dictionary<string, float[]> _frozen = [];

    /// <summary>Prepares a module in training, which stays the caller's.</summary>
    /// <exception cref="UsageException">Scales would have to move, but may only be powers of two.</exception>
    public ScaleSteps(GraphModule module, QatOptions options)
    {
        if (options.MovesScales && ScaleTable.RequantizationOf(module.Graph) == Requantization.Shift)
        {
            throw new UsageException("The march of compile_cfg.march requantizes by a shift: its scales are powers of two and cannot move in small steps. Leave qat_trainer.activation_scales and weight_scales frozen, or choose a march with a multiplier.");
        }

        (_module, _options) = (module, options);
        _movable = new MovableScales(module.Graph, options.Calibration);
        _quantizer = new StepQuantizer(module.Graph, _movable, options);
        foreach ((string leader, _) in _quantizer.Activations)
        {
            _momentum.Add(ScaleTable.ActivationKey(leader), new float[1]);
        }

        foreach ((string node, _) in _quantizer.Weights)
        {
            _momentum.Add(ScaleTable.WeightKey(node), new float[((Conv2d)module.Graph[node].Op).OutChannels]);
        }

        // The bounds of a frozen weight scale follow the activations' scales: it gives way to them, and comes back.
        foreach (Node node in options is { MovesScales: true, WeightScales: ScaleTraining.Frozen } ? module.Graph.Nodes.Where(node => node.Op is Conv2d) : [])
        {
            _frozen.Add(node.Name, [.. node.WeightQuant!.Scales]);
        }

        module.RoundInSteps(_quantizer);
    }

    /// <summary>What is remembered, under the names of scales in a checkpoint: momentum as <c>momentum.SCALE</c>, frozen weight scales as <c>frozen.SCALE</c>.</summary>
    public IEnumerable<KeyValuePair<string, float[]>> ReadState() => Memory().Select(item => KeyValuePair.Create(item.Name, (float[])item.Values.Clone()));

    /// <summary>Takes over what was read earlier; what is missing starts afresh.</summary>
    public void LoadState(IReadOnlyDictionary<string, float[]> state)
    {
        foreach ((string name, float[] memory) in Memory())
        {
            if (state.TryGetValue(name, out float[]? values))
            {
                values.CopyTo(memory, 0);
            }
        }
    }

    /// <summary>Passes when the gradients of all learned scales are finite.</summary>
    /// <exception cref="WorkException">One is not.</exception>
    public void Require()
    {
        foreach ((string scale, Tensor e) in _quantizer.Activations.Concat(_quantizer.Weights))
        {
            float[] gradient = Gradient(e);
            if (gradient.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) is >= 0 and var place)
            {
                throw new WorkException(string.Create(CultureInfo.InvariantCulture, $"The gradient of the scale of {scale} is {gradient[place]}. Use a smaller optimizer.lr, qat_trainer.scale_lr_mult or losses.weight."));
            }
        }
    }

    /// <summary>Moves the scales after the parameters have moved.</summary>
    /// <param name="rate">The learning rate of the parameters' step.</param>
    /// <exception cref="WorkException">A channel's bias has grown beyond what any scale holds; the message names it.</exception>
    public void Step(double rate)
    {
        if (_options.MovesScales)
        {
            var network = new Network(_module.Graph, _module.ToParameterSet());
            _module.Rescale(_movable.Moved(network, Activations(rate), Weights(network, rate)));
        }

        _quantizer.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _quantizer.Dispose();

    private IEnumerable<(string Name, float[] Values)> Memory() =>
        [.. _momentum.Select(item => (MomentumSlot + item.Key, item.Value)), .. _frozen.Select(item => (FrozenSlot + ScaleTable.WeightKey(item.Key), item.Value))];

    private Dictionary<string, float> Activations(double rate)
    {
        var moved = new Dictionary<string, float>();
        foreach ((string leader, long elements) in _movable.Activations)
        {
            float scale = _module.Graph.ValueOf(leader).Quant!.Scale;
            if (_quantizer.Activations.TryGetValue(leader, out Tensor? e))
            {
                moved[leader] = Learned(scale, Gradient(e)[0], elements, ref _momentum[ScaleTable.ActivationKey(leader)][0], rate);
            }
            else if (_quantizer.Ranges.TryGetValue(leader, out float range) && range > 0)
            {
                moved[leader] = Followed(scale, Int8Arithmetic.ScaleFor(range * scale));
            }
        }

        return moved;
    }

    private Dictionary<string, float[]> Weights(Network network, double rate)
    {
        if (_options.WeightScales == ScaleTraining.Frozen)
        {
            return _frozen;
        }

        var moved = new Dictionary<string, float[]>();
        foreach (Node node in network.Graph.Nodes.Where(node => node.Op is Conv2d))
        {
            int fanIn = ((Conv2d)node.Op).FanIn;
            float[] scales = [.. node.WeightQuant!.Scales], weights = network.Parameters[Conv2d.WeightName(node.Name)];
            bool isShared = _movable.HasSharedWeightScale(node.Name);
            float[]? gradient = _quantizer.Weights.TryGetValue(node.Name, out Tensor? e) ? Gradient(e) : null;
            for (int channel = 0; channel < scales.Length; channel++)
            {
                ReadOnlySpan<float> own = isShared ? weights : weights.AsSpan(channel * fanIn, fanIn);
                scales[channel] = gradient is not null
                    ? Learned(scales[channel], gradient[isShared ? 0 : channel], own.Length, ref _momentum[ScaleTable.WeightKey(node.Name)][channel], rate)
                    : Followed(scales[channel], Int8Arithmetic.ScaleFor(Largest(own)));
            }

            moved[node.Name] = scales;
        }

        return moved;
    }

    private float Followed(float scale, float seen) => (float)(scale + (_options.AveragingConstant * ((double)seen - scale)));

    /// <summary>One step down LSQ's gradient.</summary>
    /// <param name="scale">The scale s.</param>
    /// <param name="gradient">s·∂L/∂s.</param>
    /// <param name="count">N.</param>
    /// <param name="momentum">Of the scale.</param>
    /// <param name="rate">The parameters' learning rate.</param>
    private float Learned(float scale, float gradient, long count, ref float momentum, double rate)
    {
        double wanted = (Momentum * momentum) + (gradient / scale / scale / Math.Sqrt((double)count * Int8Arithmetic.Max));
        double full = rate * _options.ScaleRateFactor, step = Math.Clamp(full * wanted, -LargestStep, LargestStep);

        // What a step was not allowed must not come back with the next ones.
        momentum = full > 0 ? (float)(step / full) : (float)wanted;
        return (float)Math.Clamp(scale * Math.Exp(-step), Int8Arithmetic.ScaleFor(0), float.MaxValue);
    }

    private static float Largest(ReadOnlySpan<float> weights)
    {
        float largest = 0;
        foreach (float weight in weights)
        {
            largest = MathF.Max(largest, MathF.Abs(weight));
        }

        return largest;
    }

    private static float[] Gradient(Tensor e)
    {
        using Tensor? gradient = e.grad;
        return gradient is null ? new float[e.numel()] : MemoryMarshal.Cast<byte, float>(gradient.bytes).ToArray();
    }
}
