using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tessera.Cli.Alignment;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Onnx;
using Tessera.Programs;

namespace Tessera.Cli.Comparison;

/// <summary>An ONNX form in ONNX Runtime, written with every node among its outputs.</summary>
internal sealed class OnnxForm : INetworkForm
{
    private const string Suffix = "/value"; // an output of its own, for the node's own name may be that of a tensor within
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly IReadOnlyDictionary<string, ConvConstants> _constants;
    private readonly Func<string, float> _scaleOf;
    private readonly float _inputScale;

    private OnnxForm(string name, Action<Stream> write, string input, float inputScale, IReadOnlyDictionary<string, ConvConstants> constants, Func<string, float> scaleOf)
    {
        (Name, _input, _inputScale, _constants, _scaleOf) = (name, input, inputScale, constants, scaleOf);
        _session = OnnxRuntime.Load(write, "Mend that, or compare other forms.");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The float form.</summary>
    public static OnnxForm Float(string name, Network network, OnnxMetadata metadata) => new(
        name, stream => FloatOnnxWriter.Write(WithAllOutputs(network), metadata, stream), network.Graph.Input.Name, 1, FormConstants.Of(network), _ => 1);

    /// <summary>The QDQ form; what it shows are real values.</summary>
    public static OnnxForm Qdq(string name, Network network, OnnxMetadata metadata, IntegerProgram program) => new(
        name, stream => QdqOnnxWriter.Write(WithAllOutputs(network), metadata, stream), network.Graph.Input.Name, 1, FormConstants.Of(program), _ => 1);

    /// <summary>The integer form.</summary>
    public static OnnxForm Integer(string name, IntegerProgram program, OnnxMetadata metadata)
    {
        Dictionary<string, float> scales = program.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.IsClassMap ? 1 : tensor.Scale);
        return new OnnxForm(
            name, stream => IntegerOnnxWriter.Write(program, metadata, stream, new IntegerOnnxOptions { AllTensors = true }), program.Input.Name, Int8Arithmetic.ImageScale, FormConstants.Of(program),
            node => scales.GetValueOrDefault(node, 1));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, NodeValue> Run(sbyte[] image)
    {
        NodeMetadata input = _session.InputMetadata[_input];
        DenseTensor<sbyte> planes = OnnxRuntime.Planes(image, input.Dimensions[2], input.Dimensions[3]);
        bool isInteger = input.ElementDataType == TensorElementType.Int8;
        float[] shown = Array.ConvertAll(planes.ToArray(), value => isInteger ? value : value * Int8Arithmetic.ImageScale);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = _session.Run(
            [isInteger ? NamedOnnxValue.CreateFromTensor(_input, planes) : NamedOnnxValue.CreateFromTensor(_input, new DenseTensor<float>(shown, planes.Dimensions))]);
        var values = new Dictionary<string, NodeValue> { [_input] = NodeValue.OfPlanes(shown, 3, input.Dimensions[2], input.Dimensions[3], _inputScale) };
        foreach (DisposableNamedOnnxValue result in results)
        {
            string node = result.Name.EndsWith(Suffix, StringComparison.Ordinal) ? result.Name[..^Suffix.Length] : result.Name;
            (float[] elements, int[] shape) = Elements(result);
            values.TryAdd(node, NodeValue.OfPlanes(elements, shape[1], shape[2], shape[3], _scaleOf(node)));
        }

        return values;
    }

    /// <inheritdoc/>
    public ConvConstants? ConstantsOf(string node) => _constants.GetValueOrDefault(node);

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static (float[] Elements, int[] Shape) Elements(DisposableNamedOnnxValue result) => result.Value switch
    {
        Tensor<float> tensor => (tensor.ToArray(), tensor.Dimensions.ToArray()),
        Tensor<sbyte> tensor => (Array.ConvertAll(tensor.ToArray(), value => (float)value), tensor.Dimensions.ToArray()),
        Tensor<byte> tensor => (Array.ConvertAll(tensor.ToArray(), value => (float)value), tensor.Dimensions.ToArray()),
        _ => throw new ArgumentException($"Output {result.Name} is {result.ElementType}, which no form gives.", nameof(result)),
    };

    private static Network WithAllOutputs(Network network)
    {
        Graph graph = network.Graph;
        return network with { Graph = new Graph(graph.Name, graph.Nodes, [.. graph.Outputs, .. graph.Nodes.Skip(1).Select(node => new GraphOutput($"{node.Name}{Suffix}", node.Name))]) };
    }
}
