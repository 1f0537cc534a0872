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

namespace Tessera.EndToEnd.Tests;

/// <summary>One float network in all its integer forms: reference, QAT on libtorch, compiled model, integer ONNX.</summary>
internal static class IntegerForms
{
    /// <summary>What an ONNX model says of itself.</summary>
    public static OnnxMetadata Metadata { get; } = new("1.2.3", "qat", ["a", "b"]);

    /// <summary>A random image of a network's size.</summary>
    public static sbyte[] ImageOf(Network network, int seed) => RandomNetworks.Image(network.Graph.Input.Output.Shape.H, network.Graph.Input.Output.Shape.W, seed);

    /// <summary>Passes when they give the same numbers for a random image, in every element of every layer that each of them shows.</summary>
    /// <param name="float32">The float network; calibrated on that image.</param>
    /// <param name="seed">Draws the image.</param>
    /// <returns>The integer program.</returns>
    public static IntegerProgram AssertAllEqual(Network float32, int seed)
    {
        Network prepared = QuantizationPreparation.Prepare(float32);
        sbyte[] image = ImageOf(prepared, seed);
        return AssertAllEqual(Annotate(prepared, image), image, isPlanned: true);
    }

    /// <summary>Passes when all forms of an annotated network give the same numbers for an image.</summary>
    /// <param name="annotated">The network with its scales.</param>
    /// <param name="image">The image.</param>
    /// <param name="isPlanned">
    /// The compiled form is the compiler's. Ordering and planning take longer than everything else, and are the compiler's own tests' matter: of many networks a part may go through them.
    /// </param>
    /// <returns>The integer program.</returns>
    public static IntegerProgram AssertAllEqual(Network annotated, sbyte[] image, bool isPlanned)
    {
        IntegerProgram program = Lowering.Lower(annotated);
        var expected = new Dictionary<string, sbyte[]>();
        new ReferenceExecutor(program).Run(image, (tensor, values) => expected.Add(tensor.Name, values.ToArray()));
        AssertQat(annotated, image, expected);
        AssertCompiled(program, image, expected, isPlanned);
        AssertOnnx(program, image, expected);
        return program;
    }

    /// <summary>A prepared network calibrated on one image.</summary>
    public static Network Annotate(Network prepared, sbyte[] image, Requantization form = Requantization.Float32)
    {
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { Requantization = form });
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
}
