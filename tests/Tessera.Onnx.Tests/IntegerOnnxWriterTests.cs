using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Programs;
using Tessera.Quantization;

namespace Tessera.Onnx.Tests;

public class IntegerOnnxWriterTests
{
    private static readonly IntegerOnnxOptions AllTensors = new() { AllTensors = true };

    // Without taps the runtime is free to fuse and rearrange; the outputs must not notice.
    private static readonly IntegerOnnxOptions OutputsAlone = new();

    [Theory]
    [InlineData(64, 64, 1)]
    [InlineData(64, 64, 2)]
    [InlineData(64, 64, 3)]
    [InlineData(192, 64, 4)]
    [InlineData(128, 192, 5)]
    public void Every_tensor_of_the_real_architecture_is_equal_in_every_element(int height, int width, ulong seed)
    {
        IntegerProgram program = Lowering.Lower(Calibrated.Training(height, width, seed));
        AssertEqualEverywhere(program, (int)seed, AllTensors, OutputsAlone);
    }

    [Fact]
    public void The_deploy_program_gives_the_class_map_and_on_demand_its_logits()
    {
        Network training = Calibrated.Training(64, 128, 6);
        IntegerProgram program = Lowering.Lower(training with { Graph = DeployGraph.Of(training.Graph) });
        using (var plain = new OrtModel(stream => IntegerOnnxWriter.Write(program, Calibrated.Metadata, stream)))
        {
            NodeMetadata input = Assert.Single(plain.Inputs).Value;
            Assert.Equal("img", plain.Inputs.Keys.Single());
            Assert.Equal(typeof(sbyte), input.ElementType);
            Assert.Equal([1, 3, 64, 128], input.Dimensions);
            NodeMetadata output = Assert.Single(plain.Outputs).Value;
            Assert.Equal(DeployGraph.ClassMap, plain.Outputs.Keys.Single());
            Assert.Equal(typeof(byte), output.ElementType);
            Assert.Equal([1, 1, 16, 32], output.Dimensions);
        }

        var options = new IntegerOnnxOptions { Logits = true };
        using var model = new OrtModel(stream => IntegerOnnxWriter.Write(program, Calibrated.Metadata, stream, options));
        Assert.Equal([DeployGraph.ClassMap, OnnxOptions.LogitsOutput], model.Outputs.Keys);
        Assert.Equal(typeof(sbyte), model.Outputs[OnnxOptions.LogitsOutput].ElementType);
        AssertEqualEverywhere(program, 6, options);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(7, 3)]
    [InlineData(16, 17)]
    public void Signed_tensors_ties_groups_and_odd_sizes_are_equal(int height, int width)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            AssertEqualEverywhere(RandomPrograms.EveryInstruction(height, width, seed), seed, AllTensors, OutputsAlone);
        }
    }

    [Fact]
    public void An_accumulator_just_below_two_to_the_24_is_exact()
    {
        // 1031 products of -128 and ±127 plus a bias that leaves one below the limit; the multiplier of 2^-17 makes the last bit visible at .5.
        const int Inputs = 1031;
        int bias = (int)(Int8Arithmetic.AccumulatorLimit - 1 - (128L * 127 * Inputs));
        sbyte[] weights = [.. Enumerable.Range(0, 4 * Inputs).Select(i => (sbyte)(i / Inputs is 0 or 3 ? 127 : -127))];
        var program = new IntegerProgram("limit",
            [new IntegerTensor("img", 2, 2, Inputs, 1f / 128), new IntegerTensor("conv", 2, 2, 4, 1)],
            [new ConvInstruction("conv", 0, null, 1)
            {
                Geometry = ConvGeometry.Square(1, 1, 0, 1), Low = Int8Arithmetic.Min, High = Int8Arithmetic.Max, Weights = [.. weights],
                Bias = [-bias, bias, bias - 1, 1 - bias], Multipliers = [1f / (1 << 17), 1f / (1 << 17), 1f / (1 << 18), 1f / (1 << 18)],
            }],
            [new IntegerOutput("logits", 1)]);
        AssertEqualEverywhere(program, 1, OutputsAlone);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    [InlineData(5, 2)]
    public void The_mean_of_a_window_is_the_rounded_product_of_its_sum(int rows, int columns)
    {
        // Windows of even area have ties; a runtime that draws the factor into the sum's weights rounds each product, and then decides them otherwise.
        var program = new IntegerProgram("mean",
            [new IntegerTensor("img", 4 * rows, 8 * columns, 3, 1f / 128), new IntegerTensor("mean", 4, 8, 3, 1f / 128)],
            [new AveragePoolInstruction("mean", 0, 1) { Rows = new ConvAxis(rows, rows), Columns = new ConvAxis(columns, columns) }],
            [new IntegerOutput("logits", 1)]);
        for (int seed = 0; seed < 5; seed++)
        {
            AssertEqualEverywhere(program, seed, AllTensors, OutputsAlone);
        }
    }

    [Fact]
    public void An_output_may_bear_another_name_than_its_tensor()
    {
        IntegerProgram program = RandomPrograms.EveryInstruction(4, 4, 1);
        int tensor = program.Outputs[0].Tensor;
        var renamed = new IntegerProgram("renamed", program.Tensors, program.Instructions, [new IntegerOutput("a", tensor)]);
        AssertEqualEverywhere(renamed, 1, AllTensors);
    }

    [Fact]
    public void An_output_that_bears_another_tensors_name_is_refused()
    {
        IntegerProgram program = RandomPrograms.EveryInstruction(4, 4, 1);
        var ambiguous = new IntegerProgram("ambiguous", program.Tensors, program.Instructions, [new IntegerOutput("img", 3)]);
        WorkException fault = Assert.Throws<WorkException>(() => IntegerOnnxWriter.Write(ambiguous, Calibrated.Metadata, new MemoryStream()));
        Assert.Contains("ambiguous has two tensors or outputs named img", fault.Message);
    }

    private static void AssertEqualEverywhere(IntegerProgram program, int seed, params ReadOnlySpan<IntegerOnnxOptions> forms)
    {
        var executor = new ReferenceExecutor(program);
        List<(sbyte[] Planes, Dictionary<string, float[]> Expected)> runs =
            [.. Calibrated.Images(program.Input, seed).Select(image => (Planes.From<sbyte>(image, program.Input.Channels), Reference(executor, image)))];
        foreach (IntegerOnnxOptions form in forms)
        {
            foreach ((bool optimized, int threads) in new[] { (true, 1), (true, 2), (false, 1), (false, 2) })
            {
                using var model = new OrtModel(stream => IntegerOnnxWriter.Write(program, Calibrated.Metadata, stream, form), optimized, threads);
                Assert.True(model.Outputs.Count >= (form.AllTensors ? program.Instructions.Length : program.Outputs.Length));
                foreach ((sbyte[] planes, Dictionary<string, float[]> expected) in runs)
                {
                    foreach ((string name, float[] values) in model.Run(planes))
                    {
                        Assert.True(expected[name].AsSpan().SequenceEqual(values), $"{program.Name}: {name} differs (optimized {optimized}, {threads} threads, {form})");
                    }
                }
            }
        }
    }

    // Tensors by their own name and outputs by theirs, as planes.
    private static Dictionary<string, float[]> Reference(ReferenceExecutor executor, sbyte[] image)
    {
        var values = new Dictionary<string, float[]>();
        executor.Run(image, (tensor, result) => values[tensor.Name] = tensor.IsClassMap
            ? Array.ConvertAll(MemoryMarshal.AsBytes(result).ToArray(), value => (float)value)
            : Planes.From<float>(Array.ConvertAll(result.ToArray(), value => (float)value), tensor.Channels));
        foreach (IntegerOutput output in executor.Program.Outputs)
        {
            values[output.Name] = values[executor.Program.Tensors[output.Tensor].Name];
        }

        foreach (ArgMaxInstruction argMax in executor.Program.Instructions.OfType<ArgMaxInstruction>())
        {
            values[OnnxOptions.LogitsOutput] = values[executor.Program.Tensors[argMax.Input].Name];
        }

        return values;
    }
}
