using System.Collections.Immutable;
using Tessera.Graphs;

namespace Tessera.Onnx;

/// <summary>Writes the float arithmetic of one graph node; the float form and the QDQ form share it.</summary>
internal static class FloatOperations
{
    /// <summary>Adds the ONNX nodes of one graph node; the first has the graph node's name.</summary>
    /// <param name="model">The model.</param>
    /// <param name="node">Any node but the input.</param>
    /// <param name="output">The tensor to make.</param>
    /// <param name="inputs">The tensors to read, one for each input of the node.</param>
    /// <param name="parameters">The tensors that hold the node's parameters, in their order.</param>
    public static void AddFloat(this OnnxModelBuilder model, Node node, string output, ImmutableArray<string> inputs, ImmutableArray<string> parameters)
    {
        switch (node.Op)
        {
            case Conv2d conv:
                AddConv(model, node.Name, conv, output, inputs, parameters);
                break;
            case BatchNorm2d norm:
                model.Node("BatchNormalization", node.Name, output, [inputs[0], .. parameters], OnnxAttribute.Float("epsilon", norm.Eps));
                break;
            case Relu:
                model.Node("Relu", node.Name, output, [inputs[0]]);
                break;
            case Add:
                model.Node("Add", node.Name, output, [inputs[0], inputs[1]]);
                break;
            case Upsample2x:
                model.Upsample2x(node.Name, output, inputs[0]);
                break;
            case ArgMax:
                model.ArgMax(node.Name, output, inputs[0]);
                break;
            default:
                throw new ArgumentException($"Node {node.Name}: {node.Op.Mnemonic} has no ONNX form; give it one in {nameof(FloatOperations)}.", nameof(node));
        }
    }

    private static void AddConv(
        OnnxModelBuilder model, string name, Conv2d conv, string output, ImmutableArray<string> inputs, ImmutableArray<string> parameters)
    {
        string sum = conv.Residual || conv.Relu ? $"{name}/conv" : output;
        model.Node("Conv", name, sum, [inputs[0], .. parameters],
            OnnxOperations.ConvAttributes(conv.Kernel, conv.Stride, conv.Padding, conv.Groups));
        if (conv.Residual)
        {
            sum = model.Node("Add", $"{name}/residual", conv.Relu ? $"{name}/sum" : output, [sum, inputs[1]]);
        }

        if (conv.Relu)
        {
            model.Node("Relu", $"{name}/relu", output, [sum]);
        }
    }
}
