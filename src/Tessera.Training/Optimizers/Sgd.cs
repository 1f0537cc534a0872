using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Recipes;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Tessera.Training;

/// <summary>Settings of the optimizer; the defaults are HAT's for Cityscapes.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>Momentum m, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The L2 penalty d of each parameter.</summary>
    public WeightDecay Decay { get; init; } = WeightDecay.OfWeights(5e-3);

    /// <summary>Reads the optimizer's keys.</summary>
    public static SgdOptions Read(IKeyReader keys) => new() { Momentum = keys.Number("momentum", 0.9, 0, 0.9999), Decay = WeightDecay.Read(keys, 5e-3) };

    /// <inheritdoc/>
    public override IOptimizer Create(GraphModule module) => new Sgd(module, this);
}

/// <summary>
/// Stochastic gradient descent with momentum, PyTorch's formula: <c>v ← m·v + (g + d·w)</c>, <c>w ← w − rate·v</c>, in float32. <see cref="WeightDecay"/> says which
/// parameters decay: by default, as in HAT's example, those whose name contains "weight" (convolution weights and batch-norm scales), and not the others (biases and shifts).
/// </summary>
/// <remarks>One pass over the parameters' own memory, without an operation of libtorch: no number is handed to it that the collector could free (<see cref="KeptScalar"/>).</remarks>
public sealed class Sgd : IOptimizer
{
    private const string MomentumSlot = "momentum.";

    private readonly SgdOptions _options;
    private readonly Slot[] _slots;

    /// <summary>Creates the optimizer of a network; the network stays the caller's.</summary>
    /// <param name="module">The network whose parameters are trained.</param>
    /// <param name="options">Settings.</param>
    public Sgd(GraphModule module, SgdOptions options)
    {
        _options = options;
        options.Decay.Require([.. module.TrainedParameters.Select(item => item.Name)]);
        _slots = [.. module.TrainedParameters.Select(item => new Slot(
            item.Name, item.Tensor, new float[item.Tensor.numel()], options.Decay.Of(item.Name)))];
    }

    /// <summary>The weight decay of a parameter.</summary>
    public double DecayOf(string parameter) => _slots.Single(slot => slot.Name == parameter).Decay;

    /// <summary>A copy of the momentum v of every parameter, as <c>momentum.PARAMETER</c>; zeros before the first step.</summary>
    public IReadOnlyDictionary<string, float[]> ReadState() => _slots.ToDictionary(slot => MomentumSlot + slot.Name, slot => (float[])slot.Momentum.Clone());

    /// <inheritdoc/>
    public void LoadState(IReadOnlyDictionary<string, float[]> state)
    {
        foreach (Slot slot in _slots)
        {
            if (!state.TryGetValue(MomentumSlot + slot.Name, out float[]? values))
            {
                Array.Clear(slot.Momentum);
            }
            else if (values.Length == slot.Momentum.Length)
            {
                values.CopyTo(slot.Momentum, 0);
            }
            else
            {
                throw new ArgumentException($"The momentum of {slot.Name} has {values.Length} values; the parameter has {slot.Momentum.Length}.", nameof(state));
            }
        }
    }

    /// <inheritdoc/>
    public void ZeroGradients()
    {
        foreach (Slot slot in _slots)
        {
            using Tensor? gradient = slot.Tensor.grad;
            gradient?.zero_();
        }
    }

    /// <inheritdoc/>
    public void Step(double rate)
    {
        Tensor?[] gradients = [.. _slots.Select(slot => slot.Gradient())];
        try
        {
            // Nothing is written before all of it is known to be finite.
            foreach ((Slot slot, Tensor? gradient) in _slots.Zip(gradients))
            {
                Require(slot, gradient, rate);
            }

            foreach ((Slot slot, Tensor? gradient) in _slots.Zip(gradients))
            {
                if (gradient is not null)
                {
                    Update(slot.Values, Floats(gradient), slot.Momentum, Factors(slot, rate), write: true);
                }
            }
        }
        finally
        {
            foreach (Tensor? gradient in gradients)
            {
                gradient?.Dispose();
            }

            GC.KeepAlive(this);
        }
    }

    private void Require(Slot slot, Tensor? gradient, double rate)
    {
        if (gradient is null)
        {
            return;
        }

        ReadOnlySpan<float> values = Floats(gradient);
        if (!Update(slot.Values, values, slot.Momentum, Factors(slot, rate), write: false))
        {
            int place = values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            throw new WorkException(place >= 0
                ? string.Create(CultureInfo.InvariantCulture, $"The gradient of {slot.Name}[{place}] is {values[place]}. Use a smaller optimizer.lr or losses.weight.")
                : string.Create(CultureInfo.InvariantCulture, $"A step of learning rate {rate:G4} with momentum {_options.Momentum:G4} and weight decay {slot.Decay:G4} moves {slot.Name} beyond float32. Use a smaller optimizer.lr or optimizer.weight_decay."));
        }
    }

    private (float Rate, float Momentum, float Decay) Factors(Slot slot, double rate) => ((float)rate, (float)_options.Momentum, (float)slot.Decay);

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>Computes the new values of one parameter. Every product and sum is rounded to float32 on its own, whatever the width of the vectors.</summary>
    /// <returns>True when all new values are finite.</returns>
    private static bool Update(Span<float> weight, ReadOnlySpan<float> gradient, Span<float> momentum, (float Rate, float Momentum, float Decay) factors, bool write)
    {
        var odd = Vector<float>.Zero; // x − x is 0 for every finite x, else NaN, which stays
        int i = 0;
        for (; i <= weight.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var w = new Vector<float>(weight[i..]);
            Vector<float> v = (new Vector<float>(momentum[i..]) * factors.Momentum) + (new Vector<float>(gradient[i..]) + (w * factors.Decay));
            w -= v * factors.Rate;
            odd += w - w;
            if (write)
            {
                v.CopyTo(momentum[i..]);
                w.CopyTo(weight[i..]);
            }
        }

        float last = Vector.Sum(odd);
        for (; i < weight.Length; i++)
        {
            float v = (momentum[i] * factors.Momentum) + (gradient[i] + (weight[i] * factors.Decay));
            float w = weight[i] - (v * factors.Rate);
            last += w - w;
            if (write)
            {
                momentum[i] = v;
                weight[i] = w;
            }
        }

        return last == 0;
    }

    private sealed record Slot(string Name, TorchParameter Tensor, float[] Momentum, double Decay)
    {
        public Span<float> Values => Floats(Tensor);

        /// <summary>The gradient in the order of the values; null where none has come.</summary>
        public Tensor? Gradient()
        {
            Tensor? gradient = Tensor.grad;
            if (gradient is null || gradient.is_contiguous())
            {
                return gradient;
            }

            using (gradient)
            {
                return gradient.contiguous();
            }
        }
    }
}
