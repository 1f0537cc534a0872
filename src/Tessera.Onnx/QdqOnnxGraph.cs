using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx.Proto;
using DataType = Tessera.Onnx.Proto.TensorProto.Types.DataType;

namespace Tessera.Onnx;

/// <summary>
/// The QDQ graph of one annotated network. The operation of a node makes <c>node</c> in real units; QuantizeLinear makes
/// <c>node/int8</c> of it, and DequantizeLinear <c>node/dequantized</c>, which is what readers of the node read.
/// </summary>
internal sealed class QdqOnnxGraph(Network network, QdqOnnxOptions options)
{
    private const string ZeroPoint = "/zero_point";

    private readonly OnnxModelBuilder _model = new(network.Graph.Name, options);
    private readonly Dictionary<string, string> _read = [];

    /// <summary>Makes the model.</summary>
    public ModelProto Build(OnnxMetadata metadata)
    {
        Graph graph = network.Graph;
        foreach (Node node in graph.Nodes)
        {
            _read[node.Name] = node.Op.Accept(new NodeWriter(this, node));
        }

        foreach (GraphOutput output in graph.OutputsWith(options))
        {
            Node producer = graph[output.Value];
            _model.OutputAs(output.Name, _read[producer.Name], producer.Op is ArgMax ? DataType.Uint8 : DataType.Float, producer.Output.Shape);
        }

        return _model.Build(metadata, OnnxForm.Qdq);
    }

    /// <summary>The scale of a value.</summary>
    /// <exception cref="WorkException">It has none.</exception>
    public static float ScaleOf(Value value) =>
        value.Quant?.Scale ?? throw new WorkException($"Node {value.Name} has no scale. Calibrate the network before writing it in QDQ form.");

    /// <summary>Quantizes a tensor at the node's scale and returns the name of the dequantized one.</summary>
    private string Quantize(Node node, string tensor)
    {
        string zero = _model.Has(ZeroPoint) ? ZeroPoint : _model.Int8s(ZeroPoint, [], [0]);
        string scale = _model.SharedFloat($"{node.Name}.scale", ScaleOf(node.Output));
        string quantized = _model.Node("QuantizeLinear", $"{tensor}/quantize", $"{tensor}/int8", [tensor, scale, zero]);
        return _model.Node("DequantizeLinear", $"{tensor}/dequantize", $"{tensor}/dequantized", [quantized, scale, zero]);
    }

    /// <summary>Writes a node and gives back the name of the tensor that its readers read.</summary>
    private sealed class NodeWriter(QdqOnnxGraph graph, Node node) : IOpVisitor<string>
    {
        private OnnxModelBuilder Model => graph._model;

        private ImmutableArray<string> Inputs => [.. node.Inputs.Select(input => graph._read[input])];

        public string Visit(Input op)
        {
            Model.Input(node.Name, DataType.Float, node.Output.Shape);
            return graph.Quantize(node, node.Name);
        }

        // A ReLU is quantized before it too, at the same scale. That changes no value, for clamping at 0 commutes with rounding and with
        // the wider clamp; but ONNX Runtime makes an int8 kernel only of a convolution that stands between DequantizeLinear and QuantizeLinear.
        public string Visit(Conv2d conv)
        {
            ImmutableArray<string> parameters = graph._model.QdqParameters(graph.Network, node, conv, graph.Options);
            if (graph.Options.FusedRelu || conv.Residual || conv.Activation is not { IsRelu: true, High: null })
            {
                Model.AddFloat(node, node.Name, Inputs, parameters);
                return graph.Quantize(node, node.Name);
            }

            string sum = $"{node.Name}/conv";
            Model.AddFloat(node with { Op = conv with { Activation = Activation.None } }, sum, Inputs, parameters);
            return graph.Quantize(node, Model.Node("Relu", $"{node.Name}/relu", node.Name, [graph.Quantize(node, sum)]));
        }

        public string Visit(BatchNorm2d op) => throw NotPrepared(op);

        public string Visit(Relu op) => throw NotPrepared(op);

        public string Visit(Add op) => throw NotPrepared(op);

        public string Visit(AvgPool2d op) => Quantized();

        public string Visit(MaxPool2d op) => Quantized();

        public string Visit(Concat op) => Quantized();

        public string Visit(Upsample op) => Quantized();

        public string Visit(ArgMax op)
        {
            Model.AddFloat(node, node.Name, Inputs, []);
            return node.Name;
        }

        private string Quantized()
        {
            Model.AddFloat(node, node.Name, Inputs, []);
            return graph.Quantize(node, node.Name);
        }

        private WorkException NotPrepared(Op op) =>
            new($"Node {node.Name} ({op.Mnemonic}) has no place in the QDQ form. Prepare and calibrate the network before writing it.");
    }

    private Network Network => network;

    private QdqOnnxOptions Options => options;
}
