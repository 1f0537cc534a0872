using System.Collections.Immutable;

namespace Tessera.Compiler;

/// <summary>The estimated cost of one frame on a march; <c>docs/compiler.md</c> gives the formulas.</summary>
/// <param name="March">The march.</param>
/// <param name="Layers">One entry per instruction, in execution order.</param>
/// <param name="FramesPerSecond">Frames per second of one core that finishes a frame before it begins the next.</param>
/// <param name="PipelinedFramesPerSecond">Frames per second of all cores when the traffic of one frame overlaps the arithmetic of another.</param>
public sealed record PerformanceEstimate(March March, ImmutableArray<InstructionEstimate> Layers, double FramesPerSecond, double PipelinedFramesPerSecond)
{
    /// <summary>Milliseconds of one frame on one core.</summary>
    public double LatencyMilliseconds => Layers.Sum(layer => layer.Milliseconds);

    /// <summary>Multiply-adds of the convolutions.</summary>
    public long Macs => Layers.Sum(layer => layer.Macs);

    /// <summary>Elementary operations beside them.</summary>
    public long VectorOperations => Layers.Sum(layer => layer.VectorOperations);

    /// <summary>Bytes loaded per frame, weights and activations.</summary>
    public long LoadedBytes => Layers.Sum(layer => layer.WeightBytes + layer.LoadedBytes);

    /// <summary>Bytes stored per frame.</summary>
    public long StoredBytes => Layers.Sum(layer => layer.StoredBytes);

    /// <summary>Bytes loaded and stored per frame.</summary>
    public long DdrBytes => LoadedBytes + StoredBytes;

    /// <summary>Milliseconds that were measured for all instructions together; null unless every instruction was measured.</summary>
    public double? MeasuredMilliseconds => Layers.All(layer => layer.MeasuredMilliseconds.HasValue) ? Layers.Sum(layer => layer.MeasuredMilliseconds) : null;

    /// <summary>The kernels that measured layers ran with; empty where nothing was measured.</summary>
    public string MeasuredKernels { get; private init; } = "";

    /// <summary>What the figures rest on, as reports print it.</summary>
    public string Basis => MeasuredMilliseconds.HasValue
        ? $"Layer times were measured on one thread of the machine that compiled it, with kernels {MeasuredKernels}; the estimate beside them assumes march {March.Name}: {March.Description}."
        : $"An estimate from the rates of march {March.Name}; nothing was measured.";

    /// <summary>Attaches measured times to the layers of the same name.</summary>
    /// <param name="kernels">The kernels that they ran with.</param>
    /// <param name="measured">The times.</param>
    /// <exception cref="ArgumentException">A name belongs to no layer or to two measurements, or a time is not a finite number of at least 0.</exception>
    public PerformanceEstimate WithMeasured(string kernels, IReadOnlyList<MeasuredLayer> measured)
    {
        var times = new Dictionary<string, double>();
        foreach (MeasuredLayer layer in measured)
        {
            if (!double.IsFinite(layer.Milliseconds) || layer.Milliseconds < 0 || !times.TryAdd(layer.Name, layer.Milliseconds))
            {
                throw new ArgumentException($"The measured time {layer.Milliseconds} ms of {layer.Name} is not a time, or the layer was measured twice.", nameof(measured));
            }
        }

        ImmutableArray<InstructionEstimate> layers = [.. Layers.Select(layer => times.Remove(layer.Name, out double time) ? layer with { MeasuredMilliseconds = time } : layer)];
        return times.Count == 0
            ? this with { Layers = layers, MeasuredKernels = kernels }
            : throw new ArgumentException($"The program has no layer {times.Keys.First()}.", nameof(measured));
    }
}
