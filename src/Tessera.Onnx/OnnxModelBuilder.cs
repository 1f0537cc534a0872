using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Onnx.Proto;
using DataType = Tessera.Onnx.Proto.TensorProto.Types.DataType;

namespace Tessera.Onnx;

/// <summary>
/// Collects the nodes and constants of one ONNX graph; the only class that fills protobuf messages. Every tensor name is given once,
/// as ONNX's single assignment demands.
/// </summary>
/// <param name="name">The graph's name.</param>
/// <param name="options">The operator set, and whether the number of images is open.</param>
internal sealed class OnnxModelBuilder(string name, OnnxOptions options)
{
    private const string BatchDimension = "N";

    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _tensors = [];

    /// <summary>The operator set.</summary>
    public int Opset => options.Opset;

    // The version of the file format that came with the operator set: an older reader refuses a later one.
    private int IrVersion => Opset switch { <= 11 => 6, <= 14 => 7, _ => 8 };

    /// <summary>Declares the graph's input.</summary>
    public void Input(string tensor, DataType type, TensorShape shape)
    {
        Claim(tensor);
        _graph.Input.Add(ValueInfo(tensor, type, shape));
    }

    /// <summary>Declares a graph output; <paramref name="tensor"/> must have been produced.</summary>
    public void Output(string tensor, DataType type, TensorShape shape) => _graph.Output.Add(ValueInfo(tensor, type, shape));

    /// <summary>Declares an output under its own name: the tensor itself where the names agree, else a copy.</summary>
    public void OutputAs(string output, string tensor, DataType type, TensorShape shape)
    {
        if (output != tensor)
        {
            Node("Identity", $"{output}/output", output, [tensor]);
        }

        Output(output, type, shape);
    }

    /// <summary>Adds a float32 constant and returns its name.</summary>
    public string Floats(string tensor, ReadOnlySpan<int> dimensions, ReadOnlySpan<float> values)
    {
        TensorProto proto = Constant(tensor, DataType.Float, dimensions);
        proto.FloatData.AddRange(values.ToArray());
        return tensor;
    }

    /// <summary>Adds a float64 constant and returns its name.</summary>
    public string Doubles(string tensor, ReadOnlySpan<int> dimensions, ReadOnlySpan<double> values)
    {
        TensorProto proto = Constant(tensor, DataType.Double, dimensions);
        proto.DoubleData.AddRange(values.ToArray());
        return tensor;
    }

    /// <summary>Adds an int32 constant and returns its name.</summary>
    public string Int32s(string tensor, ReadOnlySpan<int> dimensions, ReadOnlySpan<int> values)
    {
        TensorProto proto = Constant(tensor, DataType.Int32, dimensions);
        proto.Int32Data.AddRange(values.ToArray());
        return tensor;
    }

    /// <summary>Adds an int8 constant and returns its name.</summary>
    public string Int8s(string tensor, ReadOnlySpan<int> dimensions, ReadOnlySpan<sbyte> values)
    {
        TensorProto proto = Constant(tensor, DataType.Int8, dimensions);
        proto.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
        return tensor;
    }

    /// <summary>Adds a uint8 constant and returns its name.</summary>
    public string UInt8s(string tensor, ReadOnlySpan<int> dimensions, ReadOnlySpan<byte> values)
    {
        TensorProto proto = Constant(tensor, DataType.Uint8, dimensions);
        proto.RawData = ByteString.CopyFrom(values);
        return tensor;
    }

    /// <summary>The name of a float32 scalar that several nodes share; the first use adds it.</summary>
    public string SharedFloat(string tensor, float value) => Has(tensor) ? tensor : Floats(tensor, [], [value]);

    /// <summary>True when a tensor of that name exists; constants that several nodes share are added by the first.</summary>
    public bool Has(string tensor) => _tensors.Contains(tensor);

    /// <summary>Adds a node and returns the name of the tensor that it makes.</summary>
    /// <param name="opType">The ONNX operation.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="output">The tensor that it makes.</param>
    /// <param name="inputs">The tensors that it reads; empty for an input that is left out.</param>
    /// <param name="attributes">Its attributes, see <see cref="OnnxAttribute"/>.</param>
    public string Node(string opType, string node, string output, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        Claim(output);
        var proto = new NodeProto { OpType = opType, Name = node };
        proto.Input.AddRange(inputs.ToArray());
        proto.Output.Add(output);
        proto.Attribute.AddRange(attributes.ToArray());
        _graph.Node.Add(proto);
        return output;
    }

    /// <summary>Makes the model with its documentation.</summary>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="form">Its form.</param>
    /// <param name="logitsScale">The real value of one step of its int8 logits; null where it has none.</param>
    public ModelProto Build(OnnxMetadata metadata, OnnxForm form, float? logitsScale = null)
    {
        string formName = form.ToString().ToLowerInvariant();
        string input = InputConvention(metadata.Swing, form, BatchOf(_graph.Input[0]));
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Tessera",
            ProducerVersion = metadata.ToolVersion,
            DocString = $"{name}, stage {metadata.Stage}, {formName} form, written by Tessera {metadata.ToolVersion}. {input}",
            Graph = _graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        Property(OnnxMetadata.VersionKey, metadata.ToolVersion);
        Property(OnnxMetadata.StageKey, metadata.Stage);
        Property(OnnxMetadata.FormKey, formName);
        Property(OnnxMetadata.InputKey, input);
        IEnumerable<string> quoted = metadata.ClassNames.Select(className => $"\"{JsonEncodedText.Encode(className)}\"");
        Property(OnnxMetadata.ClassesKey, $"[{string.Join(',', quoted)}]");
        if (logitsScale is { } scale)
        {
            Property(OnnxMetadata.LogitsScaleKey, scale.ToString("R", CultureInfo.InvariantCulture));
        }

        return model;

        void Property(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private static string InputConvention(YuvSwing swing, OnnxForm form, string batch)
    {
        string colours = swing == YuvSwing.Full
            ? "BT.601 YUV444, full swing"
            : "BT.601 YUV444, studio swing, chroma of the top-left pixel of each 2x2 block";
        return form == OnnxForm.Integer
            ? $"Input: int8, {batch}x3xHxW, planes Y, U, V, {colours}, minus 128."
            : $"Input: float32, {batch}x3xHxW, planes Y, U, V, ({colours}, minus 128) / 128.";
    }

    private static string BatchOf(ValueInfoProto input)
    {
        TensorShapeProto.Types.Dimension batch = input.Type.TensorType.Shape.Dim[0];
        return batch.HasDimParam ? batch.DimParam : batch.DimValue.ToString(CultureInfo.InvariantCulture);
    }

    private ValueInfoProto ValueInfo(string tensor, DataType type, TensorShape shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.Add(options.DynamicBatch ? new TensorShapeProto.Types.Dimension { DimParam = BatchDimension } : new TensorShapeProto.Types.Dimension { DimValue = shape.N });
        dimensions.Dim.AddRange(new[] { shape.C, shape.H, shape.W }.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = tensor,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        };
    }

    private TensorProto Constant(string tensor, DataType type, ReadOnlySpan<int> dimensions)
    {
        Claim(tensor);
        var proto = new TensorProto { Name = tensor, DataType = (int)type };
        foreach (int size in dimensions)
        {
            proto.Dims.Add(size);
        }

        _graph.Initializer.Add(proto);
        return proto;
    }

    private void Claim(string tensor)
    {
        if (!_tensors.Add(tensor))
        {
            throw new WorkException(
                $"Network {name} has two tensors or outputs named {tensor}; ONNX needs one name for each. Rename one of them in the model.");
        }
    }
}
