using System.Collections.Immutable;

namespace Tessera.Programs;

/// <summary>One step of an <see cref="IntegerProgram"/>; reads earlier tensors, writes one.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Output">Index of the tensor that it writes.</param>
public abstract record IntegerInstruction(string Name, int Output)
{
    /// <summary>Indices of the tensors that it reads.</summary>
    public abstract IReadOnlyList<int> Inputs { get; }
}

/// <summary>
/// Int8 convolution with int32 bias, requantization, and optionally a residual and ReLU (<see cref="Core.Int8Arithmetic"/>).
/// </summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Residual">Index of the int8 tensor that is added before the clamp, shaped like the output; or null.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record ConvInstruction(string Name, int Input, int? Residual, int Output) : IntegerInstruction(Name, Output)
{
    /// <summary>Kernel height and width.</summary>
    public required int Kernel { get; init; }

    /// <summary>Step in both directions.</summary>
    public required int Stride { get; init; }

    /// <summary>Zeros on each side.</summary>
    public required int Padding { get; init; }

    /// <summary>1, or the number of channels for a depthwise convolution.</summary>
    public required int Groups { get; init; }

    /// <summary>The result is clamped at 0 from below instead of -128.</summary>
    public required bool Relu { get; init; }

    /// <summary>Weights, output channel × input channel of the group × kernel row × kernel column.</summary>
    public required ImmutableArray<sbyte> Weights { get; init; }

    /// <summary>One int32 bias per output channel, at the accumulator's scale.</summary>
    public required ImmutableArray<int> Bias { get; init; }

    /// <summary>One factor per output channel from the accumulator's scale to the output's.</summary>
    public required ImmutableArray<float> Multipliers { get; init; }

    /// <summary>The factor from the residual's scale to the output's; 0 without a residual.</summary>
    public float ResidualMultiplier { get; init; }

    /// <summary>The lower end of the clamp.</summary>
    public int Low => Relu ? 0 : Core.Int8Arithmetic.Min;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => Residual is { } residual ? [Input, residual] : [Input];
}

/// <summary>Bilinear upsampling by two, half-pixel centres, edges clamped; the scale stays.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record UpsampleInstruction(string Name, int Input, int Output) : IntegerInstruction(Name, Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input];
}

/// <summary>The index of the largest channel, the smallest among equals: one byte per pixel.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 logits, at most 255 channels.</param>
/// <param name="Output">Index of the class map.</param>
public sealed record ArgMaxInstruction(string Name, int Input, int Output) : IntegerInstruction(Name, Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input];
}
