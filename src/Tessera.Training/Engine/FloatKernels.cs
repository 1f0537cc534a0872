using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>The kernels of a float graph, before or after batch norm was folded.</summary>
internal static class FloatKernels
{
    /// <summary>Makes the kernel of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="parameters">The module's tensors by parameter name.</param>
    /// <param name="overwritable">The node's first input dies here and nothing needs its values for a gradient.</param>
    /// <param name="hasBatchNorm">
    /// The graph has batch norms. They need planes: over channels-last tensors libtorch adds up statistics with little care for rounding
    /// (docs/decisions/0006).
    /// </param>
    /// <exception cref="GraphException">There is no kernel for the operation.</exception>
    public static Kernel For(Node node, IReadOnlyDictionary<string, Tensor> parameters, bool overwritable, bool hasBatchNorm) => node.Op switch
    {
        Input when hasBatchNorm => static (inputs, _) => inputs[0].alias(),
        Input => static (inputs, _) => ChannelsLast(inputs[0]),
        Conv2d conv => Convolution(conv, parameters[Conv2d.WeightName(node.Name)], parameters[Conv2d.BiasName(node.Name)]),
        BatchNorm2d norm => BatchNorm(norm, [.. node.Parameters.Select(parameter => parameters[parameter.Name])]),
        Relu => (inputs, mode) => overwritable && mode.MayOverwrite ? inputs[0].relu_() : inputs[0].relu(),
        Add => (inputs, mode) => overwritable && mode.MayOverwrite ? inputs[0].PlusInPlace(inputs[1]) : inputs[0].Plus(inputs[1]),
        Upsample2x => static (inputs, _) => Upsample(inputs[0]),
        ArgMax => static (inputs, _) => inputs[0].argmax(1, keepdim: true),
        _ => throw new GraphException($"Node {node.Name}: training cannot execute {node.Op.Mnemonic}."),
    };

    /// <summary>The same values with the channels of a pixel side by side in memory. Convolutions then write their results in that layout too.</summary>
    /// <remarks>oneDNN computes in such a layout: a step is about a fifth shorter than with planes, which it would rearrange before and after every convolution.</remarks>
    public static Tensor ChannelsLast(Tensor images)
    {
        using Tensor pixels = images.permute(0, 2, 3, 1);
        using Tensor contiguous = pixels.contiguous();
        return contiguous.permute(0, 3, 1, 2);
    }

    /// <summary>Bilinear ×2 with half-pixel centres.</summary>
    public static Tensor Upsample(Tensor x) =>
        nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false);

    private static Kernel Convolution(Conv2d conv, Tensor weight, Tensor bias)
    {
        long[] stride = [conv.Stride, conv.Stride], padding = [conv.Padding, conv.Padding];
        return (inputs, _) =>
        {
            Tensor y = nn.functional.conv2d(inputs[0], weight, bias, stride, padding, groups: conv.Groups);

            // The gradient of a convolution needs its input and weight, not its result: that may be written over.
            if (conv.Residual)
            {
                y = y.PlusInPlace(inputs[1]);
            }

            return conv.Relu ? y.relu_() : y;
        };
    }

    private static Kernel BatchNorm(BatchNorm2d norm, Tensor[] parameters) => (inputs, mode) =>
        nn.functional.batch_norm(inputs[0], parameters[2], parameters[3], parameters[0], parameters[1], mode.IsTraining, norm.Momentum, norm.Eps);
}
