using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests;

public class ProgramComparisonTests
{
    private static readonly IntegerProgram Program = SmallPrograms.Small(1);
    private static readonly sbyte[] Image = SmallPrograms.Image(Program, 2);

    [Fact]
    public void Equal_programs_have_no_difference()
    {
        Assert.Null(ProgramComparison.FirstDifference(Program, SmallPrograms.Small(1), Image));
        Assert.Null(ProgramComparison.FirstDifference(Program, new CompiledModel(SmallPrograms.Compiled(Program)), Image));
    }

    [Theory]
    [InlineData("stem")]
    [InlineData("dw")]
    [InlineData("pw")]
    [InlineData("fuse")]
    [InlineData("logits")]
    public void A_changed_weight_is_found_in_its_layer_with_its_first_element(string layer)
    {
        IntegerProgram changed = WithOneWeightThatMatters(layer);
        LayerDifference? difference = ProgramComparison.FirstDifference(Program, changed, Image);
        Assert.Equal(Expected(Program, changed, layer), difference);
        Assert.Equal(difference, ProgramComparison.FirstDifference(Program, new CompiledModel(SmallPrograms.Compiled(changed)), Image));
        Assert.Contains($"layer {layer} differs first", difference!.ToString());
    }

    [Fact]
    public void Programs_that_number_and_order_their_layers_differently_are_matched_by_name()
    {
        // down and up moved to other tensor numbers, and the logits listed as the first output.
        ImmutableArray<IntegerTensor> tensors = [.. Program.Tensors[..4], Program.Tensors[5], Program.Tensors[4], .. Program.Tensors[6..]];
        ImmutableArray<IntegerInstruction> instructions =
        [
            .. Program.Instructions[..3],
            Program.ConvNamed("down") with { Output = 5 },
            UpsampleInstruction.Bilinear("up", 5, 4),
            Program.ConvNamed("fuse") with { Residual = 4 },
            .. Program.Instructions[6..],
        ];
        var other = new IntegerProgram("other", tensors, instructions, [.. Program.Outputs.Reverse()]);
        Assert.Null(ProgramComparison.FirstDifference(Program, other, Image));
    }

    [Fact]
    public void A_class_map_is_compared_as_class_ids()
    {
        ImmutableArray<IntegerTensor> tensors = [new("img", 1, 2, 200, 1), new("classes", 1, 2, 1, 0)];
        var program = new IntegerProgram("p", tensors, [new ArgMaxInstruction("classes", 0, 1)], [new("class_map", 1)]);
        ImmutableArray<IntegerTensor> longer = [tensors[0], new("copy", 1, 2, 200, 1), tensors[1]];
        var weights = new sbyte[200];
        Array.Fill(weights, (sbyte)1);
        weights[199] = 0;
        var copy = new ConvInstruction("copy", 0, null, 1)
        {
            Geometry = ConvGeometry.Square(1, 1, 0, 200),
            Low = Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [.. weights],
            Bias = [.. new int[200]],
            Multipliers = [.. Enumerable.Repeat(1f, 200)],
        };
        var other = new IntegerProgram("p", longer, [copy, new ArgMaxInstruction("classes", 1, 2)], [new("class_map", 2)]);
        var image = new sbyte[400];
        image[3] = 5;
        image[399] = 7;
        Assert.Equal(new LayerDifference("classes", 1, 0, 1, 0, 199, 0), ProgramComparison.FirstDifference(program, other, image));
    }

    [Fact]
    public void Programs_of_different_networks_cannot_be_compared()
    {
        Refused(SmallPrograms.Small(1, height: 8), "img is 8x12x3 in one and 16x12x3 in the other");
        Refused(SmallPrograms.Small(1, classes: 4), "logits is 4x6x5 in one and 4x6x4 in the other");
        Refused(new IntegerProgram("p", Program.Tensors, Program.Instructions, [new("class_map", 8)]), "stride2");
    }

    private static void Refused(IntegerProgram other, string reason) =>
        Assert.Contains(reason, Assert.Throws<BadFileException>(() => ProgramComparison.FirstDifference(Program, other, Image)).Message);

    // The weight of an input channel that is 0 everywhere changes nothing, so the last weight that does is taken.
    private static IntegerProgram WithOneWeightThatMatters(string layer)
    {
        ConvInstruction old = Program.ConvNamed(layer);
        for (int i = old.Weights.Length - 1; i >= 0; i--)
        {
            sbyte[] weights = [.. old.Weights];
            weights[i] = (sbyte)(weights[i] > 0 ? weights[i] - 90 : weights[i] + 90);
            IntegerProgram changed = Program.With(old, old with { Weights = [.. weights] });
            if (!Layer(Program, layer).SequenceEqual(Layer(changed, layer)))
            {
                return changed;
            }
        }

        throw new InvalidOperationException($"No weight of {layer} matters.");
    }

    private static LayerDifference Expected(IntegerProgram right, IntegerProgram wrong, string layer)
    {
        sbyte[] a = Layer(right, layer), b = Layer(wrong, layer);
        int[] differing = [.. Enumerable.Range(0, a.Length).Where(i => a[i] != b[i])];
        IntegerTensor tensor = right.Tensors.Single(candidate => candidate.Name == layer);
        int first = differing[0];
        return new LayerDifference(layer, differing.Length, first / tensor.Channels / tensor.Width, first / tensor.Channels % tensor.Width, first % tensor.Channels, a[first], b[first]);
    }

    private static sbyte[] Layer(IntegerProgram program, string layer)
    {
        sbyte[] found = [];
        new ReferenceExecutor(program).Run(Image, (candidate, values) => found = candidate.Name == layer ? values.ToArray() : found);
        return found;
    }
}
