using Tessera.TestKit;

namespace Tessera.Programs.Tests;

public class ReferenceExecutorTests
{
    private static readonly IntegerProgram Program = SmallPrograms.Small(1);

    [Fact]
    public void Every_layer_is_the_definition_applied_to_the_layers_before_it()
    {
        sbyte[] image = SmallPrograms.Image(Program, 2);
        var values = new Dictionary<string, sbyte[]> { ["img"] = image };
        new ReferenceExecutor(Program).Run(image, (tensor, result) => values.Add(tensor.Name, result.ToArray()));
        Assert.Equal(SmallPrograms.LayerNames, values.Keys.Skip(1));
        foreach (ConvInstruction conv in Program.Instructions.OfType<ConvInstruction>())
        {
            sbyte[]? residual = conv.Residual is { } index ? values[Program.Tensors[index].Name] : null;
            sbyte[] expected = ConvDefinition.Compute(conv, Program.Tensors[conv.Input], Program.Tensors[conv.Output], values[Program.Tensors[conv.Input].Name], residual);
            Assert.Equal(expected, values[conv.Name]);
            Assert.True(expected.Distinct().Count() > 10, $"{conv.Name} has hardly any different values, so it shows little");
        }
    }

    [Fact]
    public void Outputs_are_found_by_name_and_keep_their_kind()
    {
        ProgramOutputs outputs = new ReferenceExecutor(Program).Run(SmallPrograms.Image(Program, 3));
        Assert.Equal(["class_map", "stride2"], outputs.All.Select(output => output.Name));
        ReadOnlySpan<sbyte> logits = outputs["stride2"].Logits;
        ReadOnlySpan<byte> classes = outputs["class_map"].ClassMap;
        Assert.Equal(4 * 6, classes.Length);
        for (int i = 0; i < classes.Length; i++)
        {
            sbyte[] pixel = logits.Slice(i * 5, 5).ToArray();
            Assert.Equal(Array.IndexOf(pixel, pixel.Max()), classes[i]);
        }

        Assert.Throws<InvalidOperationException>(() => outputs["class_map"].Logits.Length);
        Assert.Throws<InvalidOperationException>(() => outputs["stride2"].ClassMap.Length);
        Assert.Throws<KeyNotFoundException>(() => outputs["stride4"]);
    }

    [Fact]
    public void One_executor_serves_many_threads()
    {
        var executor = new ReferenceExecutor(Program);
        byte[][] alone = [.. Enumerable.Range(0, 32).Select(i => executor.Run(SmallPrograms.Image(Program, i))["class_map"].ClassMap.ToArray())];
        var together = new byte[32][];
        Parallel.For(0, 32, i => together[i] = executor.Run(SmallPrograms.Image(Program, i))["class_map"].ClassMap.ToArray());
        Assert.Equal(alone, together);
    }

    [Fact]
    public void An_image_of_another_size_is_refused()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => new ReferenceExecutor(Program).Run(new sbyte[5]));
        Assert.Contains("8x12x3", fault.Message);
    }
}
