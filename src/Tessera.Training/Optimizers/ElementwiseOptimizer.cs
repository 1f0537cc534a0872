using System.Globalization;
using System.Runtime.InteropServices;
using Tessera.Core;
using static TorchSharp.torch;
using TorchParameter = TorchSharp.Modules.Parameter;

namespace Tessera.Training;

/// <summary>An optimizer that changes each element of a parameter by itself, from its gradient and what it remembers of it.</summary>
/// <remarks>One pass over the parameters' own memory, without an operation of libtorch: no number is handed to it that the collector could free (<see cref="KeptScalar"/>).</remarks>
public abstract class ElementwiseOptimizer : IOptimizer
{
    private readonly string[] _memories;
    private readonly Slot[] _slots;

    /// <summary>Creates the optimizer of a network; the network stays the caller's.</summary>
    /// <param name="module">The network whose parameters are trained.</param>
    /// <param name="decay">The decay of each parameter.</param>
    /// <param name="memories">The names of what is remembered of each element, zeros at first.</param>
    /// <exception cref="UsageException">A group of the decay names no parameter.</exception>
    private protected ElementwiseOptimizer(GraphModule module, WeightDecay decay, params string[] memories)
    {
        decay.Require([.. module.TrainedParameters.Select(item => item.Name)]);
        _memories = memories;
        _slots = [.. module.TrainedParameters.Select(item => new Slot(item.Name, item.Tensor, [.. memories.Select(_ => new float[item.Tensor.numel()])], decay.Of(item.Name)))];
    }

    /// <summary>Steps that have been taken.</summary>
    private protected long Steps { get; private set; }

    /// <summary>What decides a step beside rate and decay, for messages: <c>momentum 0.9</c>.</summary>
    private protected abstract string Settings { get; }

    /// <summary>The weight decay of a parameter.</summary>
    public double DecayOf(string parameter) => _slots.Single(slot => slot.Name == parameter).Decay;

    /// <summary>A copy of what is remembered of every parameter, as <c>MEMORY.PARAMETER</c>; zeros before the first step.</summary>
    public IReadOnlyDictionary<string, float[]> ReadState() =>
        _slots.SelectMany(slot => _memories.Zip(slot.Memory)
            .Select(memory => KeyValuePair.Create($"{memory.First}.{slot.Name}", (float[])memory.Second.Clone()))).ToDictionary();

    /// <inheritdoc/>
    public void LoadState(IReadOnlyDictionary<string, float[]> state, long steps = 0)
    {
        Steps = steps;
        foreach ((Slot slot, string name, float[] memory) in _slots.SelectMany(slot => _memories.Zip(slot.Memory, (name, memory) => (slot, name, memory))))
        {
            if (!state.TryGetValue($"{name}.{slot.Name}", out float[]? values))
            {
                Array.Clear(memory);
            }
            else if (values.Length == memory.Length)
            {
                values.CopyTo(memory, 0);
            }
            else
            {
                throw new ArgumentException($"The {name} of {slot.Name} has {values.Length} values; the parameter has {memory.Length}.", nameof(state));
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
                    Update(slot.Values, Floats(gradient), slot.Memory, slot.Decay, rate, write: true);
                }
            }

            Steps++;
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

    /// <summary>Computes the new values of one parameter. Every product and sum is rounded to float32 on its own, whatever the width of the vectors.</summary>
    /// <param name="weight">The parameter.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="memory">What is remembered of it.</param>
    /// <param name="decay">Its decay.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="write">Whether parameter and memory are changed.</param>
    /// <returns>True when all new values are finite.</returns>
    private protected abstract bool Update(Span<float> weight, ReadOnlySpan<float> gradient, float[][] memory, double decay, double rate, bool write);

    private void Require(Slot slot, Tensor? gradient, double rate)
    {
        if (gradient is null)
        {
            return;
        }

        ReadOnlySpan<float> values = Floats(gradient);
        if (!Update(slot.Values, values, slot.Memory, slot.Decay, rate, write: false))
        {
            int place = values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            throw new WorkException(place >= 0
                ? string.Create(CultureInfo.InvariantCulture, $"The gradient of {slot.Name}[{place}] is {values[place]}. Use a smaller optimizer.lr or losses.weight.")
                : string.Create(CultureInfo.InvariantCulture, $"A step of learning rate {rate:G4} with {Settings} and weight decay {slot.Decay:G4} moves {slot.Name} beyond float32. Use a smaller optimizer.lr or optimizer.weight_decay."));
        }
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private sealed record Slot(string Name, TorchParameter Tensor, float[][] Memory, double Decay)
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
