using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Tessera.Compiler;

/// <summary>How a processor brings an accumulator back to int8.</summary>
public enum RequantizationKind
{
    /// <summary>The arithmetic of <c>docs/arithmetic.md</c>: float32 multiplier, clamp, round half to even.</summary>
    [JsonStringEnumMemberName("tessera-fp32")]
    TesseraFp32,

    /// <summary>The vendor's own fixed-point arithmetic, which is not published and not reproduced here.</summary>
    [JsonStringEnumMemberName("vendor")]
    Vendor,

    /// <summary>In integers, by a multiplier of 16 bits and a shift, as <c>docs/arithmetic.md</c> specifies it.</summary>
    [JsonStringEnumMemberName("multiplier16")]
    Multiplier16,

    /// <summary>In integers, by a shift alone, as <c>docs/arithmetic.md</c> specifies it.</summary>
    [JsonStringEnumMemberName("shift")]
    Shift,
}

/// <summary>What a figure of a march rests on.</summary>
public enum FigureBasis
{
    /// <summary>Published by the maker.</summary>
    [JsonStringEnumMemberName("public")]
    Public,

    /// <summary>Computed from published figures.</summary>
    [JsonStringEnumMemberName("derived")]
    Derived,

    /// <summary>Measured by this project.</summary>
    [JsonStringEnumMemberName("measured")]
    Measured,

    /// <summary>Set so that the estimate of one network meets its published latency.</summary>
    [JsonStringEnumMemberName("calibrated")]
    Calibrated,

    /// <summary>A guess of the right order; nothing published says it.</summary>
    [JsonStringEnumMemberName("estimate")]
    Estimate,
}

/// <summary>The source of one figure.</summary>
/// <param name="Figure">The key of the figure in the march's file.</param>
/// <param name="Basis">What it rests on.</param>
/// <param name="Text">The source or the derivation.</param>
public sealed record MarchNote(string Figure, FigureBasis Basis, string Text);

/// <summary>Limits of one kind of convolution.</summary>
public sealed record ConvolutionLimits
{
    /// <summary>Kernel sizes (square) that are supported.</summary>
    public required ImmutableArray<int> Kernels { get; init; }

    /// <summary>Largest step in both directions.</summary>
    public required int MaxStride { get; init; }

    /// <summary>Largest distance between the taps of a kernel in both directions.</summary>
    public required int MaxDilation { get; init; }

    /// <summary>Most input or output channels of one group.</summary>
    public required int MaxChannels { get; init; }

    /// <summary>Most weights behind one output channel: kernel × kernel × input channels of the group.</summary>
    public required int MaxKernelElements { get; init; }

    /// <summary>More than one group is supported (for ordinary convolutions; a depthwise one always has many).</summary>
    public required bool Grouped { get; init; }
}

/// <summary>Limits of one kind of pooling.</summary>
public sealed record PoolingLimits
{
    /// <summary>Most rows and columns of a window.</summary>
    public required int MaxKernel { get; init; }

    /// <summary>Largest step in both directions.</summary>
    public required int MaxStride { get; init; }
}

/// <summary>Multiples to which channels and addresses are rounded up.</summary>
public sealed record MarchAlignment
{
    /// <summary>Input channels of a group that the multipliers take at once.</summary>
    public required int InputChannels { get; init; }

    /// <summary>Output channels that are computed at once.</summary>
    public required int OutputChannels { get; init; }

    /// <summary>Channels that depthwise and elementwise work takes at once.</summary>
    public required int VectorChannels { get; init; }

    /// <summary>Channels of an activation in memory.</summary>
    public required int StoredChannels { get; init; }

    /// <summary>Addresses of tensors in the arena.</summary>
    public required int MemoryBytes { get; init; }
}

/// <summary>Peak rates.</summary>
public sealed record MarchRates
{
    /// <summary>Int8 multiply-adds per second of ordinary convolutions on one core.</summary>
    public required double ConvolutionMacsPerSecond { get; init; }

    /// <summary>Int8 multiply-adds or elementary operations per second of depthwise and elementwise work on one core.</summary>
    public required double VectorOperationsPerSecond { get; init; }

    /// <summary>Bytes per second between the chip and its memory, for all cores together.</summary>
    public required double MemoryBytesPerSecond { get; init; }

    /// <summary>The part of all three peaks that a real program sustains, above 0 and at most 1.</summary>
    public required double SustainedFraction { get; init; }
}
