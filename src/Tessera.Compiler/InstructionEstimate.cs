namespace Tessera.Compiler;

/// <summary>What an instruction waits for.</summary>
public enum TimeBound
{
    /// <summary>Multiply-adds.</summary>
    Compute,

    /// <summary>Bytes to and from memory.</summary>
    Memory,
}

/// <summary>The cost of one instruction on a march.</summary>
public sealed record InstructionEstimate
{
    /// <summary>The node's stable path.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required InstructionKind Kind { get; init; }

    /// <summary>Height, width and channels of its result.</summary>
    public required (int Height, int Width, int Channels) Output { get; init; }

    /// <summary>Multiply-adds of a convolution, counted as <c>calops</c> does; 0 for other instructions.</summary>
    public required long Macs { get; init; }

    /// <summary>Elementary operations beside them: four per upsampled value, one per value that an argmax or a residual reads.</summary>
    public required long VectorOperations { get; init; }

    /// <summary>Bytes of weights, biases and multipliers, loaded once per frame.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of activations that come from memory.</summary>
    public required long LoadedBytes { get; init; }

    /// <summary>Bytes of activations that go to memory.</summary>
    public required long StoredBytes { get; init; }

    /// <summary>The part of the multipliers that channel alignment leaves with work, in (0, 1].</summary>
    public required double Utilisation { get; init; }

    /// <summary>Milliseconds of arithmetic at the sustained rates.</summary>
    public required double ComputeMilliseconds { get; init; }

    /// <summary>Milliseconds of memory traffic at the sustained bandwidth.</summary>
    public required double MemoryMilliseconds { get; init; }

    /// <summary>Milliseconds that were measured for this instruction, or null.</summary>
    public double? MeasuredMilliseconds { get; init; }

    /// <summary>Arithmetic and traffic overlap: the longer of both.</summary>
    public double Milliseconds => Math.Max(ComputeMilliseconds, MemoryMilliseconds);

    /// <summary>All bytes between chip and memory.</summary>
    public long DdrBytes => WeightBytes + LoadedBytes + StoredBytes;

    /// <summary>The longer of both.</summary>
    public TimeBound Bound => ComputeMilliseconds >= MemoryMilliseconds ? TimeBound.Compute : TimeBound.Memory;
}

/// <summary>A time that was measured for one instruction.</summary>
/// <param name="Name">The instruction's name.</param>
/// <param name="Milliseconds">Milliseconds per frame.</param>
public sealed record MeasuredLayer(string Name, double Milliseconds);
