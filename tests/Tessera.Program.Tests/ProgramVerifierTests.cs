using System.Collections.Immutable;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Programs.Tests;

/// <summary>One refusal for each rule; the unchanged program is accepted.</summary>
public class ProgramVerifierTests
{
    private static readonly IntegerProgram Good = SmallPrograms.Small(1);

    [Fact]
    public void A_program_needs_tensors_instructions_and_outputs()
    {
        Refused("it has no tensor", tensors: []);
        Refused("it has no instruction", instructions: []);
        Refused("it has no output", outputs: []);
        Refused("more than 1024", tensors: [.. Enumerable.Range(0, 1025).Select(i => new IntegerTensor($"t{i}", 1, 1, 1, 1))]);
    }

    [Theory]
    [InlineData(0, 6, 4)]
    [InlineData(4, 0, 4)]
    [InlineData(4, 6, 0)]
    [InlineData(-4, 6, 4)]
    [InlineData(65537, 1, 1)]
    [InlineData(65536, 65536, 1)]
    [InlineData(1, 65536, 1025)]
    [InlineData(65536, 65536, 65536)]
    public void A_tensor_has_a_possible_size(int height, int width, int channels) =>
        Refused("stem: its size is impossible", tensors: Good.Tensors.SetItem(1, Good.Tensors[1] with { Height = height, Width = width, Channels = channels }));

    [Fact]
    public void The_tensors_together_have_a_bounded_size() =>
        Refused("together", tensors: [.. Enumerable.Range(0, 5).Select(i => new IntegerTensor($"t{i}", 32768, 32768, 1, 1))]);

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_scale_is_finite_and_not_negative(float scale) =>
        Refused("stem: its scale is", tensors: Good.Tensors.SetItem(1, Good.Tensors[1] with { Scale = scale }));

    [Fact]
    public void Tensors_and_outputs_bear_names_of_their_own()
    {
        Refused("two tensors bear this name", tensors: Good.Tensors.SetItem(1, Good.Tensors[1] with { Name = "dw" }));
        Refused("a tensor bears no name", tensors: Good.Tensors.SetItem(1, Good.Tensors[1] with { Name = "" }));
        Refused("two outputs bear this name", outputs: [new("a", 7), new("a", 8)]);
        Refused("an output bears no name", outputs: [new("", 7)]);
        Refused("cla\\u001Bss: this name cannot be stored: has the control character U+001B", outputs: [new("cla\u001bss", 7)]);
        Refused("this name cannot be stored: has 1025 bytes; 1024 are possible", tensors: Good.Tensors.SetItem(1, Good.Tensors[1] with { Name = new string('n', 1025) }));
        Refused("an empty entry is not an instruction", instructions: Good.Instructions.SetItem(1, null!));
        Refused("pw: it has no weights, biases or multipliers", Good.ConvNamed("pw") with { Weights = default });
        Refused("an instruction bears no name", Good.ConvNamed("pw") with { Name = "" });
        Refused("pw: two instructions bear this name", instructions: Good.Instructions.Replace(Good.ConvNamed("dw"), Good.ConvNamed("dw") with { Name = "pw" }));
    }

    [Fact]
    public void Only_an_argmax_makes_a_class_map_and_nothing_reads_one()
    {
        Refused("the image needs a scale", tensors: Good.Tensors.SetItem(0, Good.Tensors[0] with { Scale = 0 }));
        Refused("an argmax makes a class map", tensors: Good.Tensors.SetItem(8, Good.Tensors[8] with { Scale = 1 }));
        Refused("an argmax makes a class map", tensors: Good.Tensors.SetItem(7, Good.Tensors[7] with { Scale = 0 }));
        Refused("it reads a class map", tensors: Good.Tensors.Add(new IntegerTensor("again", 8, 12, 1, 0)), instructions: Good.Instructions.Add(UpsampleInstruction.Bilinear("again", 8, 9)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(9)]
    [InlineData(int.MaxValue)]
    [InlineData(7)] // written later
    [InlineData(3)] // itself
    public void An_instruction_reads_only_what_is_written_before(int input)
    {
        Refused($"pw: it reads tensor {input}", Good.ConvNamed("pw") with { Input = input });
        if (input != 3)
        {
            Refused($"fuse: it reads tensor {input}", Good.ConvNamed("fuse") with { Residual = input });
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(9)]
    [InlineData(0)] // the image
    [InlineData(1)] // written already
    public void An_instruction_writes_a_tensor_that_exists_and_is_not_written_yet(int output) =>
        Refused($"pw: it writes tensor {output}", Good.ConvNamed("pw") with { Output = output });

    [Fact]
    public void Every_tensor_is_written() =>
        Refused("spare: no instruction writes", tensors: Good.Tensors.Add(new IntegerTensor("spare", 1, 1, 1, 1)));

    [Fact]
    public void A_tensor_is_given_once() => Refused("again: another output gives the same tensor", outputs: [new("once", 7), new("again", 7)]);

    [Theory]
    [InlineData(-1)]
    [InlineData(9)]
    public void An_output_names_a_tensor_that_exists(int tensor) => Refused("which does not exist", outputs: [new("x", tensor)]);

    [Fact]
    public void An_upsample_multiplies_the_size_and_keeps_channels_and_scale()
    {
        foreach (IntegerTensor bad in (IntegerTensor[])[Good.Tensors[5] with { Height = 5 }, Good.Tensors[5] with { Width = 5 }, Good.Tensors[5] with { Channels = 5 }, Good.Tensors[5] with { Scale = 1 }])
        {
            Refused("up: an upsample by 2x2 multiplies", tensors: Good.Tensors.SetItem(5, bad));
        }
    }

    [Fact]
    public void An_argmax_keeps_the_size_and_makes_one_channel_of_at_most_255()
    {
        foreach (IntegerTensor bad in (IntegerTensor[])[Good.Tensors[8] with { Height = 5 }, Good.Tensors[8] with { Width = 5 }, Good.Tensors[8] with { Channels = 2 }])
        {
            Refused("classes: an argmax keeps", tensors: Good.Tensors.SetItem(8, bad));
        }

        ImmutableArray<IntegerTensor> wide = [new("x", 1, 1, 256, 1), new("y", 1, 1, 1, 0)];
        Refused("y: an argmax keeps", wide, [new ArgMaxInstruction("y", 0, 1)], [new("y", 1)]);
    }

    [Fact]
    public void A_convolution_has_a_possible_geometry()
    {
        ConvInstruction dw = Good.ConvNamed("dw");
        ConvAxis good = dw.Geometry.Rows;
        foreach (ConvAxis bad in (ConvAxis[])
            [good with { Kernel = 0 }, good with { Kernel = 16 }, good with { Stride = 0 }, good with { Stride = 16 }, good with { Padding = -1 }, good with { Padding = 3 },
             good with { Dilation = 0 }, good with { Dilation = 1 << 10 }, good with { Dilation = int.MaxValue }])
        {
            Refused("dw: a window of", dw with { Geometry = dw.Geometry with { Rows = bad } });
            Refused("dw: a window of", dw with { Geometry = dw.Geometry with { Columns = bad } });
        }

        Refused("dw: 0 groups", dw with { Geometry = dw.Geometry with { Groups = 0 } });
        Refused("dw: -4 groups", dw with { Geometry = dw.Geometry with { Groups = -4 } });
        Refused("dw: 3 groups", dw with { Geometry = dw.Geometry with { Groups = 3 } });
        Refused("dw: weights, bias or multipliers", dw with { Geometry = dw.Geometry with { Groups = 2 } });
        Refused("dw: its output size", dw with { Geometry = dw.Geometry with { Columns = good with { Stride = 2 } } });
        Refused("dw: its output size", dw with { Geometry = dw.Geometry with { Rows = good with { Padding = 2 } } });
        Refused("dw: its output size", dw with { Geometry = dw.Geometry with { Rows = good with { Dilation = 2 } } });
        Refused("dw: its kernel is larger", dw with { Geometry = dw.Geometry with { Rows = good with { Kernel = 15, Padding = 0 } } });
        Refused("dw: its kernel is larger", dw with { Geometry = dw.Geometry with { Columns = good with { Dilation = 200 } } });
    }

    [Fact]
    public void A_concatenation_reads_tensors_of_one_size_and_scale()
    {
        IntegerTensor pw = Good.Tensors[3];
        Refused([], "cat: it reads no tensor", pw.Channels);
        Refused(default, "cat: it reads no tensor", pw.Channels);
        Refused([3], "cat: a concatenation reads at least two", pw.Channels);
        Refused([3, 4], "cat: down has 2x3 pixels", 2 * pw.Channels);
        Refused([3, 5], "cat: up has the scale", 2 * pw.Channels);
        Refused([3, 3], "cat: its parts have 12 channels, the result 13", 13);

        static void Refused(ImmutableArray<int> parts, string reason, int channels) => ProgramVerifierTests.Refused(
            reason,
            tensors: Good.Tensors.Add(Good.Tensors[3] with { Name = "cat", Channels = channels }),
            instructions: Good.Instructions.Add(new ConcatInstruction("cat", parts, 9)));
    }

    [Fact]
    public void A_pooling_has_a_possible_window()
    {
        ConvAxis two = new(2, 2), most = new(1 << 10, 1, 1 << 9);
        foreach (ConvAxis bad in (ConvAxis[])
            [two with { Kernel = 0 }, two with { Stride = 0 }, two with { Padding = -1 }, two with { Padding = 2 }, two with { Dilation = 2 }, two with { Stride = int.MaxValue },
             new(1 << 30, 1, 1 << 29), new(int.MaxValue, 1, int.MaxValue / 2)])
        {
            Refused(new MaxPoolInstruction("pool", 3, 9) { Rows = bad, Columns = two }, "pool: pooling over");
            Refused(new MaxPoolInstruction("pool", 3, 9) { Rows = two, Columns = bad }, "pool: pooling over");
            Refused(new AveragePoolInstruction("pool", 3, 9) { Rows = bad, Columns = two }, "pool: pooling over");
        }

        Refused(new AveragePoolInstruction("pool", 3, 9) { Rows = two with { Padding = 1 }, Columns = two }, "pool: pooling over");
        Refused(new MaxPoolInstruction("pool", 3, 9) { Rows = most, Columns = most }, "pool: pooling over");
        Refused(new AveragePoolInstruction("pool", 3, 9) { Rows = new(5), Columns = two }, "pool: its window is larger");
        Refused(new AveragePoolInstruction("pool", 3, 9) { Rows = new(2), Columns = two }, "pool: its output size");

        static void Refused(PoolInstruction pool, string reason) =>
            ProgramVerifierTests.Refused(reason, tensors: Good.Tensors.Add(new IntegerTensor("pool", 2, 3, 6, Good.Tensors[3].Scale)), instructions: Good.Instructions.Add(pool));
    }

    [Theory]
    [InlineData(-1, 127)]
    [InlineData(1, 127)]
    [InlineData(-127, 127)]
    [InlineData(0, 0)]
    [InlineData(-128, 128)]
    public void A_clamp_begins_at_minus_128_or_0_and_ends_above_that_within_int8(int low, int high) =>
        Refused($"dw: it clamps to {low}..{high}", Good.ConvNamed("dw") with { Low = low, High = high });

    [Fact]
    public void A_convolution_has_a_weight_bias_and_multiplier_for_everything()
    {
        ConvInstruction pw = Good.ConvNamed("pw");
        Refused("pw: weights, bias or multipliers", pw with { Weights = pw.Weights[1..] });
        Refused("pw: weights, bias or multipliers", pw with { Bias = pw.Bias[1..] });
        Refused("pw: weights, bias or multipliers", pw with { Multipliers = pw.Multipliers[1..] });
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(4e19f)] // beyond 2^64 a product could overflow float32, and infinity minus infinity is no number
    public void A_multiplier_keeps_products_finite(float multiplier)
    {
        Refused("pw: a multiplier is", Good.ConvNamed("pw") with { Multipliers = [1, 1, 1, 1, 1, multiplier] });
        Refused("fuse: its residual multiplier is", Good.ConvNamed("fuse") with { ResidualMultiplier = multiplier });
    }

    [Fact]
    public void A_residual_has_the_shape_of_the_output()
    {
        Refused("fuse: its residual has another shape", Good.ConvNamed("fuse") with { Residual = 4 });
        Refused("pw: it has no residual", Good.ConvNamed("pw") with { ResidualMultiplier = 0.5f });
    }

    [Fact]
    public void An_accumulator_stays_below_2_to_the_24()
    {
        ConvInstruction pw = Good.ConvNamed("pw") with { Weights = [.. new sbyte[23], -128] };
        ImmutableArray<int> bias = [0, 0, 0, 0, 0, (1 << 24) - (127 * 128) - 1]; // pw reads what a ReLU made
        Assert.NotNull(Good.With(Good.ConvNamed("pw"), pw with { Bias = bias }));
        Refused("pw: the accumulator of channel 5 may reach 16777216", pw with { Bias = [.. bias[..5], bias[5] + 1] });
        Refused("pw: the accumulator of channel 5", pw with { Bias = [.. bias[..5], -bias[5] - 1] });
        Refused("pw: the accumulator of channel 0", pw with { Bias = [int.MinValue, .. bias[1..]] });
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    public void Behind_a_relu_positive_and_negative_weights_do_not_add_up(bool relu, bool upsampled, bool isAccepted)
    {
        // 1,040 weights, half of them 127 and half -128, add up to more than 2^24 only where an input may be negative.
        const int Channels = 1040;
        IntegerTensor[] tensors = [new("img", 2, 2, 3, 1), new("a", 2, 2, Channels, 1), .. upsampled ? [new IntegerTensor("up", 4, 4, Channels, 1)] : Array.Empty<IntegerTensor>(), new("b", upsampled ? 4 : 2, upsampled ? 4 : 2, 1, 1)];
        IntegerInstruction[] instructions =
        [
            Pointwise("a", 0, 1, new sbyte[3 * Channels]) with { Low = relu ? 0 : Int8Arithmetic.Min },
            .. upsampled ? [UpsampleInstruction.Bilinear("up", 1, 2)] : Array.Empty<IntegerInstruction>(),
            Pointwise("b", tensors.Length - 2, tensors.Length - 1, [.. Enumerable.Range(0, Channels).Select(i => (sbyte)(i % 2 == 0 ? 127 : -128))]),
        ];
        IntegerProgram Make() => new("p", [.. tensors], [.. instructions], [new IntegerOutput("b", tensors.Length - 1)]);

        if (isAccepted)
        {
            IntegerProgram program = Make();
            Assert.Equal(127 * 128 * 520, AccumulatorProof.LargestBound(program, (ConvInstruction)program.Instructions[^1]));
        }
        else
        {
            Assert.Contains($"b: the accumulator of channel 0 may reach {128 * 255 * 520}, at or above 2^24", Assert.Throws<BadFileException>(Make).Message);
        }

        static ConvInstruction Pointwise(string name, int input, int output, sbyte[] weights) => new(name, input, null, output)
        {
            Geometry = ConvGeometry.Square(1),
            Low = Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [.. weights],
            Bias = [.. new int[name == "a" ? Channels : 1]],
            Multipliers = [.. Enumerable.Repeat(1f / 1024, name == "a" ? Channels : 1)],
        };
    }

    private static void Refused(string reason, ConvInstruction replacement) =>
        Refused(reason, instructions: [.. Good.Instructions.Select(old => old is ConvInstruction conv && IsSame(conv, replacement) ? replacement : old)]);

    private static bool IsSame(ConvInstruction a, ConvInstruction b) => a.Name == b.Name || (b.Name.Length == 0 && a.Output == b.Output);

    private static void Refused(string reason, ImmutableArray<IntegerTensor>? tensors = null, ImmutableArray<IntegerInstruction>? instructions = null, ImmutableArray<IntegerOutput>? outputs = null)
    {
        BadFileException fault = Assert.Throws<BadFileException>(() => new IntegerProgram("bad", tensors ?? Good.Tensors, instructions ?? Good.Instructions, outputs ?? Good.Outputs));
        Assert.Contains(reason, fault.Message);
    }
}
