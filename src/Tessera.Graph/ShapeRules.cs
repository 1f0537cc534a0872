using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The output shape of every operation, from its inputs' shapes.</summary>
public static class ShapeRules
{
    /// <summary>Computes the output shape of an operation.</summary>
    /// <param name="op">The operation; not <see cref="Input"/>, whose shape is given.</param>
    /// <param name="node">The node's name, for messages.</param>
    /// <param name="inputs">The inputs' shapes.</param>
    /// <exception cref="GraphException">The operation cannot take these inputs.</exception>
    public static TensorShape Output(Op op, string node, ImmutableArray<TensorShape> inputs)
    {
        if (inputs.Length != op.Arity)
        {
            throw new GraphException($"Node {node}: {op.Mnemonic} takes {op.Arity} inputs; it has {inputs.Length}.");
        }

        switch (op)
        {
            case Conv2d conv:
                TensorShape output = Convolved(conv, node, inputs[0]);
                return !conv.Residual || inputs[1] == output
                    ? output
                    : throw new GraphException($"Node {node}: the residual has shape {inputs[1]}, the convolution {output}; they must be equal.");
            case BatchNorm2d norm when norm.Channels != inputs[0].C:
                throw new GraphException($"Node {node}: batch_norm2d over {norm.Channels} channels reads {inputs[0]}.");
            case Add when inputs[0] != inputs[1]:
                throw new GraphException($"Node {node}: add reads {inputs[0]} and {inputs[1]}; the shapes must be equal.");
            case BatchNorm2d or Relu or Add:
                return inputs[0];
            case Upsample2x when Math.Max(inputs[0].H, inputs[0].W) > int.MaxValue / 2:
                throw new GraphException($"Node {node}: {inputs[0]} is too large to be upsampled.");
            case Upsample2x:
                return inputs[0] with { H = inputs[0].H * 2, W = inputs[0].W * 2 };
            case ArgMax:
                return inputs[0] with { C = 1 };
            default:
                throw new GraphException($"Node {node}: {op.Mnemonic} has no shape rule.");
        }
    }

    private static TensorShape Convolved(Conv2d conv, string node, TensorShape input)
    {
        if (conv.InChannels != input.C)
        {
            throw new GraphException($"Node {node}: conv2d with {conv.InChannels} input channels reads {input}.");
        }

        if (conv.OutChannels < 1 || conv.Kernel < 1 || conv.Stride < 1 || conv.Padding < 0)
        {
            throw new GraphException($"Node {node}: a convolution with {conv.OutChannels} output channels, kernel {conv.Kernel}, stride {conv.Stride}, padding {conv.Padding} is impossible.");
        }

        if (conv.Groups < 1 || conv.InChannels % conv.Groups != 0 || conv.OutChannels % conv.Groups != 0)
        {
            throw new GraphException($"Node {node}: {conv.Groups} groups do not divide {conv.InChannels} input and {conv.OutChannels} output channels.");
        }

        int height = Extent(input.H), width = Extent(input.W);
        return height >= 1 && width >= 1
            ? new TensorShape(input.N, conv.OutChannels, height, width)
            : throw new GraphException($"Node {node}: a {conv.Kernel}x{conv.Kernel} convolution with padding {conv.Padding} does not fit in {input}.");

        int Extent(int size) => (size + (2 * conv.Padding) - conv.Kernel < 0) ? 0 : ((size + (2 * conv.Padding) - conv.Kernel) / conv.Stride) + 1;
    }
}
