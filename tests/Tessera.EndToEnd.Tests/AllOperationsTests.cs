using System.Collections.Immutable;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Imaging;
using Tessera.Onnx;
using Tessera.Onnx.Tests;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.Runtime;
using Tessera.TestKit;
using Tessera.Training;
using static TorchSharp.torch;
using UpsampleMode = Tessera.Core.UpsampleMode;

namespace Tessera.EndToEnd.Tests;

/// <summary>QAT = int_infer = compiled = integer ONNX, in every element of every layer, on random networks of all operations.</summary>
public class AllOperationsTests
{
    private const int Networks = 40, ExtremeNetworks = 1000;

    public AllOperationsTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Fact]
    public void Every_integer_form_of_a_random_network_gives_the_same_numbers()
    {
        AssertAllFormsEqual(LongFactAttribute.Runs ? 50 * Networks : Networks, (prepared, image, _) => Annotate(prepared, image));
    }

    [Fact]
    public void They_do_at_scales_from_1e_6_to_1e3_and_with_weights_and_biases_at_their_ends()
    {
        AssertAllFormsEqual(LongFactAttribute.Runs ? 10 * ExtremeNetworks : ExtremeNetworks, (prepared, _, seed) => ExtremeScales.Annotate(prepared, seed));
    }

    [Fact]
    public void The_extreme_networks_reach_the_ends_and_keep_something_between_them()
    {
        List<float> scales = [];
        long values = 0, ends = 0, zeros = 0, largest = 0;
        for (int seed = 0; seed < Networks; seed++)
        {
            Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
            Network annotated = ExtremeScales.Annotate(prepared, seed);
            scales.AddRange(annotated.Graph.Nodes.Where(node => node.Op is Conv2d).Select(node => node.Output.Quant!.Scale));
            IntegerProgram program = Lowering.Lower(annotated);
            largest = Math.Max(largest, program.Instructions.OfType<ConvInstruction>().Max(conv => conv.Bias.Select((bias, channel) => Int8Arithmetic.AccumulatorBound(conv.Weights.AsSpan(channel * conv.FanIn, conv.FanIn), bias)).Max()));
            new ReferenceExecutor(program).Run(ImageOf(prepared, seed), (tensor, results) =>
            {
                values += tensor.IsClassMap ? 0 : results.Length;
                foreach (sbyte result in tensor.IsClassMap ? [] : results)
                {
                    ends += result is sbyte.MinValue or sbyte.MaxValue ? 1 : 0;
                    zeros += result == 0 ? 1 : 0;
                }
            });
        }

        Assert.InRange(scales.Min(), 0.9e-6f, 1e-5f);
        Assert.InRange(scales.Max(), 1e2f, 1.1e3f);
        Assert.InRange(largest, Int8Arithmetic.AccumulatorLimit - 8, Int8Arithmetic.AccumulatorLimit - 1);
        Assert.InRange(ends, values / 20, values / 2);
        Assert.InRange(values - ends - zeros, values / 8, values);
    }

    [Fact]
    public void The_random_networks_hold_every_operation()
    {
        Op[] ops = [.. Enumerable.Range(0, Networks).SelectMany(seed => MixedGraphs.Network(seed).Graph.Nodes).Select(node => node.Op)];
        Assert.Equal(OpTable.ByMnemonic.Keys.Order(StringComparer.Ordinal), ops.Select(op => op.Mnemonic).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(ops, op => op is Relu { High: not null });
        Assert.Contains(ops, op => op is Upsample { Mode: UpsampleMode.Nearest });
        Assert.Contains(ops, op => op is Conv2d { Geometry.Rows.Dilation: > 1 });
        Assert.Contains(ops, op => op is Conv2d { Geometry.IsSquare: false });
    }

    [Fact]
    public void The_float_network_keeps_its_function_from_training_to_onnx()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            Network network = MixedGraphs.Network(seed);
            TensorShape shape = network.Graph.Input.Output.Shape;
            double[] image = RandomNetworks.Normalized(RandomNetworks.Image(shape.H, shape.W, seed));
            Dictionary<string, double[]> expected = FloatEvaluator.Run(network, image);
            using var module = new GraphModule(network.Graph, network.Parameters);
            module.eval();
            using Tensor images = tensor([.. image.Select(x => (float)x)], [1, 3, shape.H, shape.W]);
            using (no_grad())
            {
                Array.ForEach(module.ForwardTapped(images, (name, values) => Near(seed, name, expected[name], values)), output => output.Dispose());
            }

            using var model = new OrtModel(stream => FloatOnnxWriter.Write(network, Metadata, stream));
            Dictionary<string, float[]> onnx = model.Run<float>([.. image.Select(x => (float)x)]);
            Near(seed, "logits", expected["logits"], onnx["logits"]);
            Near(seed, "middle", expected[network.Graph.Outputs[2].Value], onnx["middle"]);
        }
    }

    private static sbyte[] ImageOf(Network network, int seed) => RandomNetworks.Image(network.Graph.Input.Output.Shape.H, network.Graph.Input.Output.Shape.W, seed);

    /// <summary>QAT, the compiled model and the integer ONNX against the reference, on networks of the seeds below a count.</summary>
    private static void AssertAllFormsEqual(int count, Func<Network, sbyte[], int, Network> annotate) => Parallel.For(0, count, seed =>
    {
        Network prepared = QuantizationPreparation.Prepare(MixedGraphs.Network(seed));
        sbyte[] image = ImageOf(prepared, seed);
        Network annotated = annotate(prepared, image, seed);
        IntegerProgram program = Lowering.Lower(annotated);
        var expected = new Dictionary<string, sbyte[]>();
        new ReferenceExecutor(program).Run(image, (tensor, values) => expected.Add(tensor.Name, values.ToArray()));
        AssertQat(annotated, image, expected);
        AssertCompiled(program, image, expected, isPlanned: seed % 4 == 0);
        AssertOnnx(program, image, expected);
    });

    private static OnnxMetadata Metadata { get; } = new("1.2.3", "qat", ["a", "b"]);

    private static Network Annotate(Network prepared, sbyte[] image)
    {
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions());
        foreach ((string value, double[] values) in FloatEvaluator.Run(prepared, RandomNetworks.Normalized(image)))
        {
            if (session.ObservedValues.Contains(value))
            {
                session.Observe(value, [.. values.Select(x => (float)x)]);
            }
        }

        return prepared with { Graph = session.Finish(prepared.Parameters).Annotate(prepared.Graph) };
    }

    private static void AssertQat(Network annotated, sbyte[] image, Dictionary<string, sbyte[]> expected)
    {
        TensorShape shape = annotated.Graph.Input.Output.Shape;
        using var module = new GraphModule(annotated.Graph, annotated.Parameters);
        module.train();
        using Tensor images = tensor([.. RandomNetworks.Normalized(image).Select(x => (float)x)], [1, 3, shape.H, shape.W]);
        Array.ForEach(
            module.ForwardTapped(images, (name, values) =>
            {
                if (expected.TryGetValue(name, out sbyte[]? integers))
                {
                    using Tensor numbers = values.to_type(ScalarType.Float32);
                    float[] wanted = [.. Planes.From<sbyte>(integers, annotated.Graph.ValueOf(name).Shape.C).Select(value => annotated.Graph[name].Op is ArgMax ? (byte)value : (float)value)];
                    Same(annotated.Graph.Name, "QAT", name, wanted, numbers.data<float>().ToArray());
                }
            }),
            output => output.Dispose());
    }

    // Ordering and planning take longer than everything else, and are the compiler's own tests' matter; a fourth of the networks goes through them.
    private static void AssertCompiled(IntegerProgram program, sbyte[] image, Dictionary<string, sbyte[]> expected, bool isPlanned)
    {
        int classes = program.Tensors[program.Instructions.OfType<ArgMaxInstruction>().Single().Input].Channels;
        ImmutableArray<ClassEntry> table = [.. Enumerable.Range(0, classes).Select(i => new ClassEntry($"class {i}", (byte)i, (byte)i, (byte)i))];
        CompiledProgram compiled = isPlanned
            ? ModelCompiler.Compile(program, new CompileOptions(March.Find("cpu"), OptLevel.O2, table)).Compiled
            : new CompiledProgram(program, Apart(program), new CompilationInfo("cpu", 0, "test", table, YuvSwing.Full));
        using var model = new CompiledModel(compiled, new ExecutionOptions { Threads = isPlanned ? 2 : 1 });
        foreach (ProgramOutput output in model.Run(image).All)
        {
            sbyte[] actual = output.Tensor.IsClassMap ? [.. output.ClassMap.ToArray().Select(id => (sbyte)id)] : output.Logits.ToArray();
            Same(program.Name, "compiled", output.Name, expected[output.Tensor.Name], actual);
        }
    }

    /// <summary>Every tensor on bytes of its own.</summary>
    private static DevicePlan Apart(IntegerProgram program)
    {
        int end = 0;
        return new DevicePlan(program.Tensors.Sum(tensor => tensor.Count), [.. program.Tensors.Select(tensor => (end += tensor.Count) - tensor.Count)]);
    }

    private static void AssertOnnx(IntegerProgram program, sbyte[] image, Dictionary<string, sbyte[]> expected)
    {
        using var model = new OrtModel(stream => IntegerOnnxWriter.Write(program, Metadata, stream, new IntegerOnnxOptions { AllTensors = true }));
        foreach ((string name, float[] values) in model.Run(Planes.From<sbyte>(image, 3)))
        {
            IntegerTensor tensor = program.Tensors.FirstOrDefault(tensor => tensor.Name == name) ?? program.Tensors[program.Outputs.First(output => output.Name == name).Tensor];
            Same(program.Name, "integer ONNX", name, [.. Planes.From<sbyte>(expected[tensor.Name], tensor.Channels).Select(value => tensor.IsClassMap ? (byte)value : (float)value)], values);
        }
    }

    private static void Same<T>(string network, string form, string name, T[] expected, T[] actual)
        where T : IEquatable<T>
    {
        int first = expected.AsSpan().CommonPrefixLength(actual);
        Assert.True(first == expected.Length && first == actual.Length, $"{network}: {form} differs at {name}, element {first} of {expected.Length}.");
    }

    private static void Near(int seed, string name, double[] expected, Tensor actual)
    {
        using Tensor numbers = actual.to_type(ScalarType.Float32);
        Near(seed, name, expected, numbers.data<float>().ToArray());
    }

    // float32 against double through some ten layers: rounding of about 1e-7 each, times sums of some hundred terms.
    private static void Near(int seed, string name, double[] expected, float[] actual)
    {
        double range = Math.Max(1, expected.Max(Math.Abs));
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length && name != "classes"; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 2e-5 * range, $"mixed{seed}: {name} is {actual[i]} where {expected[i]} is right (element {i}).");
        }
    }
}
