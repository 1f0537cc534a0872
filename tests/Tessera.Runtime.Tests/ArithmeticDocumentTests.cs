using System.Globalization;
using System.Text.RegularExpressions;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests;

/// <summary>Computes every example of docs/arithmetic.md with the code that it specifies.</summary>
public partial class ArithmeticDocumentTests
{
    public static TheoryData<string> Examples()
    {
        var examples = new TheoryData<string>();
        string document = File.ReadAllText(Path.Combine(SampleData.RepositoryRoot, "docs", "arithmetic.md"));
        foreach (Match block in ExampleBlock().Matches(document))
        {
            foreach (string line in block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                examples.Add(line);
            }
        }

        return examples;
    }

    [Fact]
    public void There_are_examples_of_every_operation() =>
        Assert.True(Examples().Count > 50, "docs/arithmetic.md has lost its examples, or their form has changed.");

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_of_the_specification_is_what_the_code_computes(string example)
    {
        Match match = Example().Match(example);
        Assert.True(match.Success, $"not an example: {example}");
        string[] arguments = match.Groups[2].Value.Replace("[", "").Replace("]", "").Split(", ");
        Assert.Equal(example, $"{match.Groups[1].Value}({match.Groups[2].Value}) = {Compute(match.Groups[1].Value, arguments)}");
    }

    private static string Compute(string function, string[] text)
    {
        return function switch
        {
            "rne" => Number((float)Math.Round(Float(0), MidpointRounding.ToEven)),
            "ScaleFor" => Number(Int8Arithmetic.ScaleFor(Float(0))),
            "QuantizeWeight" => Number(Int8Arithmetic.QuantizeWeight(Float(0), Float(1))),
            "QuantizeBias" => Number((float)Int8Arithmetic.QuantizeBias(Float(0), Float(1), Float(2))),
            "Multiplier" => Number(Int8Arithmetic.Multiplier(Float(0), Float(1), Float(2))),
            "ResidualMultiplier" => Number(Int8Arithmetic.ResidualMultiplier(Float(0), Float(1))),
            "Requantize" => Number(Int8Arithmetic.Requantize(Int(0), Float(1), Int(2))),
            "RequantizeWithResidual" => Number(Int8Arithmetic.Requantize(Int(0), Float(1), (sbyte)Int(2), Float(3), Int(4))),
            "FusedMultiplyAdd" => Number(MathF.Round(Math.Clamp(MathF.FusedMultiplyAdd(Int(0), Float(1), Int(2) * Float(3)), Int(4), 127), MidpointRounding.ToEven)),
            "FixedMultiplier" => FixedMultiplier(Float(0)),
            "FixedRequantize" => Number(FixedPoint.Requantize(Int(0), FixedPoint.Nearest(Float(1)), Int(2))),
            "FixedRequantizeWithResidual" => Number(FixedPoint.Requantize(Int(0), FixedPoint.Nearest(Float(1)), (sbyte)Int(2), FixedPoint.Nearest(Float(3)), Int(4))),
            "PowerOfTwoFrom" => Number(FixedPoint.PowerOfTwoFrom(Float(0))),
            "Upsample" => Number(Int8Arithmetic.Upsample(Int(0), Int(1), Int(2), Int(3))),
            "Upsample2x2" => Upsample(2, Bytes(0, 4)),
            "Upsample4x2" => Upsample(4, Bytes(0, 2)),
            "High" => Number(Int8Arithmetic.High(new Activation(true, Float(0)), Float(1))),
            "AverageFactor" => Number(Int8Arithmetic.AverageFactor(Int(0))),
            "AveragePool" => Pool(Bytes(0, text.Length), average: true),
            "MaxPool" => Pool(Bytes(0, text.Length), average: false),
            "ArgMax" => ArgMax(Bytes(0, text.Length)),
            "AccumulatorBound" => Number(Int8Arithmetic.AccumulatorBound(Bytes(1, text.Length - 1), Int(0))),
            "NonNegativeAccumulatorBound" => Number(Int8Arithmetic.AccumulatorBound(Bytes(1, text.Length - 1), Int(0), isInputNonNegative: true)),
            "Yuv444Full" => Yuv(YuvSwing.Full, [(byte)Int(0), (byte)Int(1), (byte)Int(2)]),
            "Yuv444Studio" => Yuv(YuvSwing.StudioSubsampled, [(byte)Int(0), (byte)Int(1), (byte)Int(2)]),
            "Conv3x3" => Convolve(Bytes(0, 9), Bytes(9, 9), Int(18), Float(19), Int(20)),
            _ => $"(there is no function {function})",
        };

        float Float(int index) => float.Parse(text[index], CultureInfo.InvariantCulture);
        int Int(int index) => int.Parse(text[index], CultureInfo.InvariantCulture);
        sbyte[] Bytes(int first, int count) => [.. Enumerable.Range(first, count).Select(index => checked((sbyte)Int(index)))];
    }

    private static string FixedMultiplier(float factor)
    {
        int shift = FixedPoint.ShiftOf(FixedPoint.Nearest(factor));
        return $"{Number((float)Math.ScaleB(FixedPoint.Nearest(factor), shift))}, {shift}";
    }

    // Two rows of the image's columns by two, or one row by the factor along the row alone.
    private static string Upsample(int factor, sbyte[] image)
    {
        int height = image.Length / 2;
        var upsample = new UpsampleInstruction("y", 0, 1) { RowFactor = height, ColumnFactor = factor, Mode = UpsampleMode.Bilinear };
        var result = new sbyte[height * factor * image.Length];
        ReferenceUpsample.Run(upsample, new IntegerTensor("x", height, 2, 1, 1), image, result);
        return List(result);
    }

    private static string Pool(sbyte[] values, bool average)
    {
        IntegerTensor input = new("x", 1, values.Length, 1, 1), output = new("y", 1, 1, 1, 1);
        ConvAxis rows = new(1), columns = new(values.Length);
        var result = new sbyte[1];
        if (average)
        {
            ReferenceAveragePool.Run(new AveragePoolInstruction("y", 0, 1) { Rows = rows, Columns = columns }, input, output, values, result);
        }
        else
        {
            ReferenceMaxPool.Run(new MaxPoolInstruction("y", 0, 1) { Rows = rows, Columns = columns }, input, output, values, result);
        }

        return Number(result[0]);
    }

    private static string ArgMax(sbyte[] logits)
    {
        var result = new byte[1];
        ReferenceArgMax.Run(new IntegerTensor("x", 1, 1, logits.Length, 1), logits, result);
        return Number(result[0]);
    }

    private static string Yuv(YuvSwing swing, byte[] colour)
    {
        var yuv = new sbyte[12];
        Yuv444.FromRgb([.. colour, .. colour, .. colour, .. colour], yuv, 2, 2, swing);
        return List(yuv[..3]);
    }

    private static string Convolve(sbyte[] image, sbyte[] weights, int bias, float multiplier, int low)
    {
        var shape = new IntegerTensor("x", 3, 3, 1, 1);
        var result = new sbyte[9];
        var conv = new ConvInstruction("y", 0, null, 1)
        {
            Geometry = ConvGeometry.Square(3, 1, 1, 1),
            Low = low == 0 ? 0 : Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [.. weights],
            Bias = [bias],
            Multipliers = [multiplier],
        };
        ReferenceConv.Run(conv, shape, shape, image, default, result);
        return List(result);
    }

    private static string List(sbyte[] values) => $"[{string.Join(", ", values)}]";

    // -0 is what the code may compute where the document writes 0.
    private static string Number(float value) => (value + 0f).ToString("R", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("```example\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ExampleBlock();

    [GeneratedRegex(@"^(\w+)\((.*)\) = (.+)$")]
    private static partial Regex Example();
}
