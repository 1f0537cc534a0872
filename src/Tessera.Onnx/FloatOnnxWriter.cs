using System.Collections.Immutable;
using Google.Protobuf;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx.Proto;
using DataType = Tessera.Onnx.Proto.TensorProto.Types.DataType;

namespace Tessera.Onnx;

/// <summary>
/// Writes a float network as ONNX (operator set 17 by default): training graph, deploy graph, or prepared graph with folded batch norm and fused
/// convolutions. Node, tensor and parameter names are the graph's; input N×3×H×W float32 = int8 image / 128.
/// </summary>
public static class FloatOnnxWriter
{
    /// <summary>Writes the network into a file, whole or not at all.</summary>
    /// <param name="network">The network, not annotated with scales.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="options">Operator set, open batch and logits; the defaults when null.</param>
    /// <exception cref="ArgumentException">The graph is annotated: its forward is integer arithmetic, which this form does not compute.</exception>
    /// <exception cref="WorkException">Two tensors would have one name.</exception>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public static void Write(Network network, OnnxMetadata metadata, string path, OnnxOptions? options = null) => OnnxFile.Write(Model(network, metadata, options ?? new()), path);

    /// <summary>Writes the network to a stream.</summary>
    /// <inheritdoc cref="Write(Network, OnnxMetadata, string, OnnxOptions)"/>
    /// <param name="network">The network, not annotated with scales.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="stream">Receives the model; stays open.</param>
    /// <param name="options">Operator set, open batch and logits; the defaults when null.</param>
    public static void Write(Network network, OnnxMetadata metadata, Stream stream, OnnxOptions? options = null) => Model(network, metadata, options ?? new()).WriteTo(stream);

    private static ModelProto Model(Network network, OnnxMetadata metadata, OnnxOptions options)
    {
        Graph graph = network.Graph;
        if (graph.Nodes.FirstOrDefault(node => node.Output.Quant is not null || node.WeightQuant is not null) is { } annotated)
        {
            throw new ArgumentException(
                $"Node {annotated.Name} is annotated with scales; the float form would ignore them. "
                + $"Write the network with {nameof(QdqOnnxWriter)}, or lower it and use {nameof(IntegerOnnxWriter)}.", nameof(network));
        }

        var model = new OnnxModelBuilder(graph.Name, options);
        model.Input(graph.Input.Name, DataType.Float, graph.Input.Output.Shape);
        foreach (Node node in graph.Nodes.Skip(1))
        {
            ImmutableArray<string> parameters = [.. node.Parameters.Select(parameter => Constant(model, parameter, network.Parameters))];
            model.AddFloat(node, node.Name, node.Inputs, parameters);
        }

        foreach (GraphOutput output in graph.OutputsWith(options))
        {
            Node producer = graph[output.Value];
            model.OutputAs(output.Name, output.Value, producer.Op is ArgMax ? DataType.Uint8 : DataType.Float, producer.Output.Shape);
        }

        return model.Build(metadata, OnnxForm.Float);
    }

    private static string Constant(OnnxModelBuilder model, Parameter parameter, ParameterSet parameters) =>
        model.Floats(parameter.Name, parameter.Shape.AsSpan(), parameters[parameter.Name]);
}
