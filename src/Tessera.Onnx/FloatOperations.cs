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
        node.Op.Accept(new FloatWriter(model, node.Name, output, inputs, parameters));
    }

    private sealed class FloatWriter(OnnxModelBuilder model, string name, string output, ImmutableArray<string> inputs, ImmutableArray<string> parameters) : IOpVisitor<string>
    {
        public string Visit(Input op) => throw new ArgumentException($"Node {name} is the input; it is declared, not computed.", nameof(op));

        public string Visit(Conv2d conv)
        {
            bool ends = conv.Activation.IsRelu;
            string sum = conv.Residual || ends ? $"{name}/conv" : output;
            model.Node("Conv", name, sum, [inputs[0], .. parameters], OnnxOperations.ConvAttributes(conv.Geometry));
            if (conv.Residual)
            {
                sum = model.Node("Add", $"{name}/residual", ends ? $"{name}/sum" : output, [sum, inputs[1]]);
            }

            return model.Activate($"{name}/relu", output, sum, conv.Activation);
        }

        public string Visit(BatchNorm2d norm) =>
            model.Node("BatchNormalization", name, output, [inputs[0], .. parameters], OnnxAttribute.Float("epsilon", norm.Eps));

        public string Visit(Relu op) => model.Activate(name, output, inputs[0], op.Activation);

        public string Visit(Add op) => model.Node("Add", name, output, [inputs[0], inputs[1]]);

        public string Visit(AvgPool2d op) => model.Node("AveragePool", name, output, [inputs[0]], OnnxOperations.WindowAttributes(op.Rows, op.Columns));

        public string Visit(MaxPool2d op) => model.MaxPool(name, output, inputs[0], op.Rows, op.Columns);

        public string Visit(Concat op) => model.Concat(name, output, inputs);

        public string Visit(Upsample op) => model.Upsample(name, output, inputs[0], op.RowFactor, op.ColumnFactor, op.Mode);

        public string Visit(ArgMax op) => model.ArgMax(name, output, inputs[0]);
    }
}
