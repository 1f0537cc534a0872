using System.Collections.Immutable;

namespace Tessera.Graphs;

/// <summary>What a node computes. Operations are values: two with the same attributes are equal.</summary>
public abstract record Op
{
    private protected Op()
    {
    }

    /// <summary>The operation's name in the text form.</summary>
    public abstract string Mnemonic { get; }

    /// <summary>Number of inputs.</summary>
    public virtual int Arity => 1;

    /// <summary>The parameters that a node with this operation owns; their names begin with the node's.</summary>
    public virtual ImmutableArray<Parameter> ParametersOf(string node) => [];
}

/// <summary>The graph's input, an image N×C×H×W.</summary>
public sealed record Input : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "input";

    /// <inheritdoc/>
    public override int Arity => 0;
}

/// <summary>How the weights of a convolution start.</summary>
/// <param name="NormalStd">
/// Null: PyTorch's default, weight and bias uniform in ±1/√fan_in. Otherwise weights from N(0, std²) and bias 0.
/// </param>
public readonly record struct ConvInit(float? NormalStd);

/// <summary>
/// Convolution with bias, square kernel, zero padding; after fusion also the residual that is added and the ReLU that follows.
/// Inputs: the image, and with <see cref="Residual"/> the tensor to add, which has the shape of the output.
/// </summary>
/// <param name="InChannels">Input channels.</param>
/// <param name="OutChannels">Output channels.</param>
/// <param name="Kernel">Kernel height and width.</param>
/// <param name="Stride">Step in both directions.</param>
/// <param name="Padding">Zeros on each side.</param>
/// <param name="Groups">1, or the number of channels for a depthwise convolution.</param>
public sealed record Conv2d(int InChannels, int OutChannels, int Kernel, int Stride, int Padding, int Groups) : Op
{
    /// <summary>A ReLU follows.</summary>
    public bool Relu { get; init; }

    /// <summary>The second input is added before the ReLU.</summary>
    public bool Residual { get; init; }

    /// <summary>How the weights start.</summary>
    public ConvInit Init { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "conv2d";

    /// <inheritdoc/>
    public override int Arity => Residual ? 2 : 1;

    /// <summary>Weights per output channel: input channels of a group times the kernel's area.</summary>
    public int FanIn => InChannels / Groups * Kernel * Kernel;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) =>
    [
        new(WeightName(node), ParameterRole.Weight, [OutChannels, InChannels / Groups, Kernel, Kernel]),
        new(BiasName(node), ParameterRole.Bias, [OutChannels]),
    ];

    /// <summary>The name of a node's weight, O×I/groups×K×K.</summary>
    public static string WeightName(string node) => $"{node}.weight";

    /// <summary>The name of a node's bias, O.</summary>
    public static string BiasName(string node) => $"{node}.bias";
}

/// <summary>Batch normalisation over the channels.</summary>
/// <param name="Channels">Channels.</param>
/// <param name="Eps">Added to the variance.</param>
/// <param name="Momentum">Weight of a new batch in the running statistics (PyTorch's meaning).</param>
public sealed record BatchNorm2d(int Channels, float Eps, float Momentum) : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "batch_norm2d";

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) =>
    [
        new($"{node}.weight", ParameterRole.Gamma, [Channels]),
        new($"{node}.bias", ParameterRole.Beta, [Channels]),
        new($"{node}.running_mean", ParameterRole.RunningMean, [Channels]),
        new($"{node}.running_var", ParameterRole.RunningVariance, [Channels]),
    ];
}

/// <summary>max(x, 0).</summary>
public sealed record Relu : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "relu";
}

/// <summary>The sum of two tensors of one shape.</summary>
public sealed record Add : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "add";

    /// <inheritdoc/>
    public override int Arity => 2;
}

/// <summary>Bilinear upsampling by two, half-pixel centres (align_corners false), edges clamped.</summary>
public sealed record Upsample2x : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "upsample2x";
}

/// <summary>The index of the largest channel, the smallest among equals: N×1×H×W class ids.</summary>
public sealed record ArgMax : Op
{
    /// <inheritdoc/>
    public override string Mnemonic => "argmax";
}
