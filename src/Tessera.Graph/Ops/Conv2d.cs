using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>
/// Convolution with bias and zero padding; after fusion also the residual that is added and the activation that follows.
/// Inputs: the image, and with <see cref="Residual"/> the tensor to add, which has the shape of the output.
/// </summary>
/// <param name="InChannels">Input channels.</param>
/// <param name="OutChannels">Output channels.</param>
/// <param name="Geometry">Window and groups.</param>
public sealed record Conv2d(int InChannels, int OutChannels, ConvGeometry Geometry) : Op
{
    /// <summary>What ends it.</summary>
    public Activation Activation { get; init; }

    /// <summary>The second input is added before the activation.</summary>
    public bool Residual { get; init; }

    /// <summary>How the weights start.</summary>
    public ConvInit Init { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "conv2d";

    /// <inheritdoc/>
    public override int? Arity => Residual ? 2 : 1;

    /// <inheritdoc/>
    public override ScaleRule Scale => ScaleRule.Own;

    /// <summary>Weights per output channel: input channels of a group times the kernel's area.</summary>
    public int FanIn => InChannels / Geometry.Groups * Geometry.Area;

    /// <summary>The input channel that a weight meets.</summary>
    /// <param name="weight">Index of the weight, O×I/groups×K×K.</param>
    public int InputChannelOf(int weight)
    {
        (int output, int rest) = Math.DivRem(weight, FanIn);
        return (output / (OutChannels / Geometry.Groups) * (InChannels / Geometry.Groups)) + (rest / Geometry.Area);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> ParametersOf(string node) =>
    [
        new(WeightName(node), ParameterRole.Weight, [OutChannels, InChannels / Geometry.Groups, Geometry.Rows.Kernel, Geometry.Columns.Kernel])
        {
            Start = Init.NormalStd is { } std ? StartingValues.Normal(std) : StartingValues.Uniform(1 / Math.Sqrt(FanIn)),
        },
        new(BiasName(node), ParameterRole.Bias, [OutChannels])
        {
            Start = Init.NormalStd is null ? StartingValues.Uniform(1 / Math.Sqrt(FanIn)) : StartingValues.Constant(0),
        },
    ];

    /// <inheritdoc/>
    public override long Macs(TensorShape output) => output.Count * FanIn;

    /// <inheritdoc/>
    public override Op Through(IOpAttributes attributes)
    {
        int inChannels = attributes.Number("in", InChannels), outChannels = attributes.Number("out", OutChannels);
        (ConvAxis rows, ConvAxis columns) = attributes.Window(Geometry.Rows, Geometry.Columns);
        int groups = attributes.Number("groups", Geometry.Groups);
        bool residual = attributes.Flag("residual", Residual);
        bool relu = attributes.Flag("relu", Activation.IsRelu);
        float? high = attributes.Optional("high", Activation.High);
        return new Conv2d(inChannels, outChannels, new ConvGeometry(rows, columns, groups))
        {
            Residual = residual,
            Activation = new Activation(relu, high),
            Init = new ConvInit(attributes.Optional("init_std", Init.NormalStd)),
        };
    }

    /// <inheritdoc/>
    public override T Accept<T>(IOpVisitor<T> visitor) => visitor.Visit(this);

    /// <summary>The name of a node's weight, O×I/groups×K×K.</summary>
    public static string WeightName(string node) => $"{node}.weight";

    /// <summary>The name of a node's bias, O.</summary>
    public static string BiasName(string node) => $"{node}.bias";

    private protected override TensorShape Shape(string node, ImmutableArray<TensorShape> inputs)
    {
        TensorShape input = inputs[0];
        if (InChannels != input.C)
        {
            throw new GraphException($"Node {node}: conv2d with {InChannels} input channels reads {input}.");
        }

        if (!Geometry.Rows.IsValid || !Geometry.Columns.IsValid)
        {
            throw new GraphException($"Node {node}: a convolution with a window of {Geometry} is impossible.");
        }

        if (OutChannels < 1 || Geometry.Groups < 1 || InChannels % Geometry.Groups != 0 || OutChannels % Geometry.Groups != 0)
        {
            throw new GraphException($"Node {node}: {Geometry.Groups} groups do not divide {InChannels} input and {OutChannels} output channels.");
        }

        if (!Activation.IsValid)
        {
            throw new GraphException($"Node {node}: an upper end of {Activation.High} {(Activation.IsRelu ? "is impossible; it must be a number above 0" : "needs a relu, which is its lower end")}.");
        }

        int height = Geometry.Rows.OutputSize(input.H), width = Geometry.Columns.OutputSize(input.W);
        if (height < 1 || width < 1)
        {
            throw new GraphException($"Node {node}: a {Geometry} convolution does not fit in {input}.");
        }

        var output = new TensorShape(input.N, OutChannels, height, width);
        return !Residual || inputs[1] == output
            ? output
            : throw new GraphException($"Node {node}: the residual has shape {inputs[1]}, the convolution {output}; they must be equal.");
    }
}

/// <summary>How the weights of a convolution start.</summary>
/// <param name="NormalStd">
/// Null: PyTorch's default, weight and bias uniform in ±1/√fan_in. Otherwise weights from N(0, std²) and bias 0.
/// </param>
public readonly record struct ConvInit(float? NormalStd);
