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
    /// <exception cref="GraphException">There is no kernel for the operation.</exception>
    public static Kernel For(Node node, IReadOnlyDictionary<string, Tensor> parameters, bool overwritable) => node.Op switch
    {
        Input => static (inputs, _) => inputs[0].alias(),
        Conv2d conv => Convolution(conv, parameters[Conv2d.WeightName(node.Name)], parameters[Conv2d.BiasName(node.Name)]),
        BatchNorm2d norm => BatchNorm(norm, [.. node.Parameters.Select(parameter => parameters[parameter.Name])]),
        Relu => (inputs, mode) => overwritable && mode.MayOverwrite ? inputs[0].relu_() : inputs[0].relu(),
        Add => (inputs, mode) => overwritable && mode.MayOverwrite ? inputs[0].add_(inputs[1]) : inputs[0].add(inputs[1]),
        Upsample2x => static (inputs, _) => Upsample(inputs[0]),
        ArgMax => static (inputs, _) => inputs[0].argmax(1, keepdim: true),
        _ => throw new GraphException($"Node {node.Name}: training cannot execute {node.Op.Mnemonic}."),
    };

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
                y = y.add_(inputs[1]);
            }

            return conv.Relu ? y.relu_() : y;
        };
    }

    private static Kernel BatchNorm(BatchNorm2d norm, Tensor[] parameters) => (inputs, mode) =>
        nn.functional.batch_norm(inputs[0], parameters[2], parameters[3], parameters[0], parameters[1], mode.IsTraining, norm.Momentum, norm.Eps);
}
