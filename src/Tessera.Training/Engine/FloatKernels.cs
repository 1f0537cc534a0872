using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;
using UpsampleMode = Tessera.Core.UpsampleMode;

namespace Tessera.Training;

/// <summary>The kernel of a node of a float graph, before or after batch norm was folded.</summary>
/// <param name="node">The node.</param>
/// <param name="parameters">The module's tensors by parameter name.</param>
/// <param name="overwritable">The node's first input dies here and nothing needs its values for a gradient.</param>
/// <param name="hasBatchNorm">
/// The graph has batch norms. They need planes: over channels-last tensors libtorch adds up statistics with little care for rounding
/// (docs/decisions/0006).
/// </param>
internal sealed class FloatKernels(Node node, IReadOnlyDictionary<string, Tensor> parameters, bool overwritable, bool hasBatchNorm) : IOpVisitor<NodeKernel>
{
    private static readonly KeptScalar Zero = new(0.0);

    /// <summary>The same values with the channels of a pixel side by side in memory. Convolutions then write their results in that layout too.</summary>
    /// <remarks>oneDNN computes in such a layout: a step is about a fifth shorter than with planes, which it would rearrange before and after every convolution.</remarks>
    public static Tensor ChannelsLast(Tensor images)
    {
        using Tensor pixels = images.permute(0, 2, 3, 1);
        using Tensor contiguous = pixels.contiguous();
        return contiguous.permute(0, 3, 1, 2);
    }

    /// <summary>The largest values of windows.</summary>
    public static Tensor MaxPool(MaxPool2d op, Tensor x) =>
        nn.functional.max_pool2d(x, [op.Rows.Kernel, op.Columns.Kernel], [op.Rows.Stride, op.Columns.Stride], [op.Rows.Padding, op.Columns.Padding]);

    /// <summary>An upsampling; bilinear with half-pixel centres.</summary>
    public static Tensor Upsample(Upsample op, Tensor x) => op.Mode == UpsampleMode.Nearest
        ? nn.functional.interpolate(x, scale_factor: [op.RowFactor, op.ColumnFactor], mode: InterpolationMode.Nearest)
        : nn.functional.interpolate(x, scale_factor: [op.RowFactor, op.ColumnFactor], mode: InterpolationMode.Bilinear, align_corners: false);

    /// <inheritdoc/>
    public NodeKernel Visit(Input op) => new(hasBatchNorm ? static (inputs, _) => inputs[0].alias() : static (inputs, _) => ChannelsLast(inputs[0]), IsResultNeeded: true);

    /// <inheritdoc/>
    public NodeKernel Visit(Conv2d conv)
    {
        Tensor weight = parameters[Conv2d.WeightName(node.Name)], bias = parameters[Conv2d.BiasName(node.Name)];
        (ConvAxis rows, ConvAxis columns, int groups) = conv.Geometry;
        long[] stride = [rows.Stride, columns.Stride], padding = [rows.Padding, columns.Padding], dilation = [rows.Dilation, columns.Dilation];
        Func<Tensor, Tensor> activate = Activation(conv.Activation, mayOverwrite: true);
        return new NodeKernel(
            (inputs, _) =>
            {
                Tensor y = nn.functional.conv2d(inputs[0], weight, bias, stride, padding, dilation, groups);

                // The gradient of a convolution needs its input and weight, not its result: that may be written over.
                return activate(conv.Residual ? y.PlusInPlace(inputs[1]) : y);
            },
            IsResultNeeded: conv.Activation.IsRelu);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(BatchNorm2d norm)
    {
        Tensor[] tensors = [.. node.Parameters.Select(parameter => parameters[parameter.Name])];
        return new NodeKernel(
            (inputs, mode) => nn.functional.batch_norm(inputs[0], tensors[2], tensors[3], tensors[0], tensors[1], mode.IsTraining, norm.Momentum, norm.Eps),
            IsResultNeeded: false);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(Relu relu)
    {
        Func<Tensor, Tensor> kept = Activation(relu.Activation, mayOverwrite: false), over = Activation(relu.Activation, overwritable);
        return new NodeKernel((inputs, mode) => (mode.MayOverwrite ? over : kept)(inputs[0]), IsResultNeeded: true);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(Add op) =>
        new((inputs, mode) => overwritable && mode.MayOverwrite ? inputs[0].PlusInPlace(inputs[1]) : inputs[0].Plus(inputs[1]), IsResultNeeded: false);

    /// <inheritdoc/>
    public NodeKernel Visit(AvgPool2d op) => new((inputs, _) => nn.functional.avg_pool2d(inputs[0], [op.Rows.Kernel, op.Columns.Kernel], [op.Rows.Stride, op.Columns.Stride]), IsResultNeeded: false);

    /// <inheritdoc/>
    public NodeKernel Visit(MaxPool2d op) => new((inputs, _) => MaxPool(op, inputs[0]), IsResultNeeded: false);

    /// <inheritdoc/>
    public NodeKernel Visit(Concat op) => new(static (inputs, _) => cat(inputs, 1), IsResultNeeded: false);

    /// <inheritdoc/>
    public NodeKernel Visit(Upsample op) => new((inputs, _) => Upsample(op, inputs[0]), IsResultNeeded: false);

    /// <inheritdoc/>
    public NodeKernel Visit(ArgMax op) => new(static (inputs, _) => inputs[0].argmax(1, keepdim: true), IsResultNeeded: true);

    /// <summary>An activation; the gradient of a plain ReLU needs its result, that of a clamp what it reads.</summary>
    private static Func<Tensor, Tensor> Activation(Activation activation, bool mayOverwrite)
    {
        if (activation.High is { } end)
        {
            var high = new KeptScalar((double)end);
            return x => x.Clamped(Zero, high);
        }

        return activation.IsRelu ? mayOverwrite ? static x => x.relu_() : static x => x.relu() : static x => x;
    }
}
