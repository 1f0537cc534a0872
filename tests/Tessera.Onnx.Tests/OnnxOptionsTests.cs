using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Onnx.Proto;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.TestKit;
using DataType = Tessera.Onnx.Proto.TensorProto.Types.DataType;

namespace Tessera.Onnx.Tests;

/// <summary>Each option changes the file as it says, and the function of no form.</summary>
public class OnnxOptionsTests
{
    private const int Height = 64, Width = 64, Images = 3;

    private static readonly Network Float = DeployOf(RandomNetworks.Training(Height, Width, 3));
    private static readonly Network Annotated = DeployOf(Calibrated.Training(Height, Width, 3));
    private static readonly IntegerProgram Program = Lowering.Lower(Annotated);
    private static readonly sbyte[][] Inputs = [.. Enumerable.Range(0, Images).Select(seed => Planes.From<sbyte>(RandomNetworks.Image(Height, Width, seed), 3))];

    public static TheoryData<int> Opsets => [.. Enumerable.Range(OnnxOptions.LeastOpset, OnnxOptions.DefaultOpset - OnnxOptions.LeastOpset + 1)];

    [Fact]
    public void Float_bias_leaves_no_int32_in_the_file_and_every_value_as_it_was()
    {
        GraphProto plain = Parse(Qdq(new())).Graph, changed = Parse(Qdq(new() { FloatBias = true })).Graph;
        Assert.Contains(plain.Initializer, constant => constant.DataType == (int)DataType.Int32);
        Assert.DoesNotContain(changed.Initializer, constant => constant.DataType == (int)DataType.Int32);
        string[] biases = [.. changed.Node.Where(node => node.OpType == "Conv").Select(node => node.Input[2])];
        Assert.Equal(plain.Node.Count(node => node.OpType == "Conv"), biases.Length);
        Assert.All(biases, bias => Assert.Equal((int)DataType.Float, changed.Initializer.Single(constant => constant.Name == bias).DataType));
        AssertSameValues(Qdq(new() { Logits = true }), Qdq(new() { Logits = true, FloatBias = true }));
    }

    [Fact]
    public void A_fused_relu_follows_its_convolution_and_every_value_is_as_it_was()
    {
        Assert.All(ProducersOfRelus(new()), producer => Assert.Equal("DequantizeLinear", producer));
        Assert.All(ProducersOfRelus(new() { FusedRelu = true }), producer => Assert.Contains(producer, (string[])["Conv", "Add"]));
        AssertSameValues(Qdq(new() { Logits = true }), Qdq(new() { Logits = true, FusedRelu = true }));
    }

    [Fact]
    public void The_batch_is_fixed_or_open_in_shapes_and_metadata_alike()
    {
        foreach (Func<OnnxOptions, byte[]> write in new Func<OnnxOptions, byte[]>[] { WriteFloat, options => Qdq(new() { DynamicBatch = options.DynamicBatch }), WriteInteger })
        {
            foreach (bool isOpen in new[] { false, true })
            {
                ModelProto model = Parse(write(new() { DynamicBatch = isOpen }));
                Assert.All(model.Graph.Input.Concat(model.Graph.Output).Select(value => value.Type.TensorType.Shape.Dim[0]), batch => Assert.Equal(isOpen ? "N" : "", batch.DimParam));
                Assert.Contains(isOpen ? "Nx3xHxW" : "1x3xHxW", model.MetadataProps.Single(property => property.Key == OnnxMetadata.InputKey).Value);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Each_operator_set_computes_the_integer_program_exactly_with_several_images_in_one_call(int opset)
    {
        byte[] file = WriteInteger(new() { Opset = opset, DynamicBatch = true, Logits = true });
        ModelProto written = Parse(file);
        Assert.Equal(opset, written.OpsetImport.Single().Version);
        Assert.Equal(opset <= 11 ? 6 : opset <= 14 ? 7 : 8, written.IrVersion);
        Assert.Equal(opset >= 12, written.Graph.Node.Single(node => node.OpType == "ArgMax").Attribute.Any(attribute => attribute.Name == "select_last_index"));
        Assert.All(written.Graph.Node.Where(node => node.OpType == "Resize"), node => Assert.Equal(opset >= 13, node.Input[1].Length == 0)); // required before
        foreach (bool optimized in new[] { true, false })
        {
            using var model = new OrtModel(stream => stream.Write(file), optimized);
            Dictionary<string, float[]> together = model.Run([.. Inputs.SelectMany(planes => planes)]);
            float[] logits = [.. Enumerable.Range(0, Images).SelectMany(image => Expected(image, "head.stride4.0"))], map = [.. Enumerable.Range(0, Images).SelectMany(image => Expected(image, DeployGraph.ClassMap))];
            Assert.Equal(logits, together[OnnxOptions.LogitsOutput]);
            Assert.Equal(map, together[DeployGraph.ClassMap]);
        }
    }

    [Theory]
    [MemberData(nameof(Opsets))]
    public void Each_operator_set_computes_the_same_float_and_qdq_values(int opset)
    {
        AssertSameValues(WriteFloat(new() { Logits = true }), WriteFloat(new() { Logits = true, Opset = opset, DynamicBatch = true }));
        if (opset >= 13)
        {
            AssertSameValues(Qdq(new() { Logits = true }), Qdq(new() { Logits = true, Opset = opset, DynamicBatch = true }));
        }
    }

    [Fact]
    public void Scales_for_single_channels_are_refused_where_the_operator_set_has_none_and_one_for_all_is_written()
    {
        UsageException fault = Assert.Throws<UsageException>(() => Qdq(new() { Opset = 12 }));
        Assert.Contains("backbone.mod1.0.0 has a weight scale for each output channel", fault.Message);
        Assert.Contains("operator set 13", fault.Message);
        Assert.Contains("weight_scales: per_tensor", fault.Message);

        Network shared = Annotated with
        {
            Graph = new Graph(Annotated.Graph.Name, [.. Annotated.Graph.Nodes.Select(node => node.WeightQuant is { } quant
                ? node with { WeightQuant = new QuantParams([.. quant.Scales.Select(_ => quant.Scales.Max())]) } : node)], Annotated.Graph.Outputs),
        };
        byte[] file = Bytes(stream => QdqOnnxWriter.Write(shared, Calibrated.Metadata, stream, new() { Opset = 11, Logits = true }));
        GraphProto graph = Parse(file).Graph;
        Assert.All(graph.Node.Where(node => node.OpType == "DequantizeLinear"), node => Assert.Empty(node.Attribute));
        Assert.All(graph.Initializer.Where(constant => constant.Name.EndsWith(".scale", StringComparison.Ordinal)), scale => Assert.Empty(scale.Dims));
        AssertSameValues(Bytes(stream => QdqOnnxWriter.Write(shared, Calibrated.Metadata, stream, new() { Logits = true })), file);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(18)]
    public void Another_operator_set_is_refused(int opset) =>
        Assert.Contains($"Operator set {opset} cannot be written; use one from 11 to 17", Assert.Throws<UsageException>(() => new OnnxOptions { Opset = opset }).Message);

    [Fact]
    public void The_class_map_is_the_argmax_of_the_logits_beside_it_in_every_form()
    {
        foreach (byte[] file in new[] { WriteFloat(new() { Logits = true }), Qdq(new() { Logits = true }), WriteInteger(new() { Logits = true }) })
        {
            using var model = new OrtModel(stream => stream.Write(file));
            Assert.Equal([DeployGraph.ClassMap, OnnxOptions.LogitsOutput], model.Outputs.Keys);
            Dictionary<string, float[]> outputs = model.Inputs.Values.Single().ElementType == typeof(sbyte) ? model.Run(Inputs[0]) : model.Run(Real(0));
            float[] logits = outputs[OnnxOptions.LogitsOutput], map = outputs[DeployGraph.ClassMap];
            int classes = logits.Length / map.Length;
            Assert.Equal(map, Enumerable.Range(0, map.Length).Select(pixel => (float)Enumerable.Range(0, classes).MaxBy(channel => logits[(channel * map.Length) + pixel])));
        }
    }

    [Fact]
    public void Int8_logits_come_with_their_scale()
    {
        ModelProto with = Parse(WriteInteger(new() { Logits = true })), without = Parse(WriteInteger(new()));
        float scale = Program.Tensors.Single(tensor => tensor.Name == "head.stride4.0").Scale;
        Assert.Equal(scale, float.Parse(with.MetadataProps.Single(property => property.Key == OnnxMetadata.LogitsScaleKey).Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.DoesNotContain(without.MetadataProps, property => property.Key == OnnxMetadata.LogitsScaleKey);
    }

    [Fact]
    public void Logits_that_are_an_output_already_are_not_given_twice()
    {
        Network training = RandomNetworks.Training(Height, Width, 3);
        ModelProto model = Parse(Bytes(stream => FloatOnnxWriter.Write(training, Calibrated.Metadata, stream, new() { Logits = true })));
        Assert.Equal(training.Graph.Outputs.Select(output => output.Name), model.Graph.Output.Select(output => output.Name));
    }

    private static Network DeployOf(Network training) => training with { Graph = DeployGraph.Of(training.Graph) };

    private static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static ModelProto Parse(byte[] file) => ModelProto.Parser.ParseFrom(file);

    private static byte[] WriteFloat(OnnxOptions options) => Bytes(stream => FloatOnnxWriter.Write(Float, Calibrated.Metadata, stream, options));

    private static byte[] Qdq(QdqOnnxOptions options) => Bytes(stream => QdqOnnxWriter.Write(Annotated, Calibrated.Metadata, stream, options));

    private static byte[] WriteInteger(OnnxOptions options) => Bytes(stream => IntegerOnnxWriter.Write(
        Program, Calibrated.Metadata, stream, new IntegerOnnxOptions { Opset = options.Opset, DynamicBatch = options.DynamicBatch, Logits = options.Logits }));

    private static string[] ProducersOfRelus(QdqOnnxOptions options)
    {
        GraphProto graph = Parse(Qdq(options)).Graph;
        string[] producers = [.. graph.Node.Where(node => node.OpType == "Relu" && !node.Input[0].EndsWith("/sum", StringComparison.Ordinal)).Select(relu => graph.Node.Single(node => node.Output[0] == relu.Input[0]).OpType)];
        Assert.NotEmpty(producers);
        return producers;
    }

    private static float[] Real(int image) => [.. Inputs[image].Select(value => value / 128f)];

    // Without optimisation a runtime computes what the file says, node by node.
    private static void AssertSameValues(byte[] first, byte[] second)
    {
        using OrtModel one = new(stream => stream.Write(first), optimized: false), other = new(stream => stream.Write(second), optimized: false);
        Dictionary<string, float[]> expected = one.Run(Real(1)), actual = other.Run(Real(1));
        Assert.Contains(OnnxOptions.LogitsOutput, expected.Keys);
        Assert.Equal(expected, actual);
    }

    private static IEnumerable<float> Expected(int image, string tensor)
    {
        float[] values = [];
        sbyte[] interleaved = new sbyte[Height * Width * 3];
        for (int i = 0; i < interleaved.Length; i++)
        {
            interleaved[i] = Inputs[image][(i % 3 * Height * Width) + (i / 3)];
        }

        ProgramOutputs outputs = new ReferenceExecutor(Program).Run(interleaved, (declared, result) => values = declared.Name == tensor
            ? Planes.From<float>(Array.ConvertAll(result.ToArray(), value => (float)value), declared.Channels)
            : values);
        return tensor == DeployGraph.ClassMap ? outputs[tensor].ClassMap.ToArray().Select(id => (float)id) : values;
    }
}
