using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>How the weights of a case are chosen.</summary>
internal enum WeightKind
{
    Random,
    AllMin,
    AllMax,

    /// <summary>Ends of the range in turn: the largest sums of either sign.</summary>
    Alternating,
    Small,

    /// <summary>
    /// The largest weights whose products a pointwise kernel may add up in 16 bits: magnitudes of 516 in the eight that meet in a lane.
    /// </summary>
    AtInt16Limit,

    /// <summary>One more: 127 · 517 is a range wider than 16 bits hold.</summary>
    BeyondInt16Limit,
}

/// <summary>How the image of a case is chosen.</summary>
internal enum ValueKind
{
    Random,
    AllMin,
    AllMax,

    /// <summary>The ends of the range in turn, so that of two weights of different signs one alone counts.</summary>
    EvenMax,
    OddMax,
}

/// <summary>Makes convolutions whose results lie within the range, on ties, at both ends of the clamp and far beyond them.</summary>
internal sealed class ConvCaseMaker(int seed)
{
    private int _count;

    public Random Random { get; } = new(seed);

    public T Any<T>(T[] choices) => choices[Random.Next(choices.Length)];

    /// <summary>A case of any size that the kernel fits in, small ones among them.</summary>
    public ConvCase Sized(string name, int inputs, int outputs, int kernel, int stride, int padding, int groups, bool nonNegative, bool residual)
    {
        int least = Math.Max(1, kernel - (2 * padding));
        int height = least + Random.Next(5), width = Random.Next(3) == 0 ? least : least + Random.Next(24);
        return Make(name, height, width, inputs, outputs, kernel, stride, padding, groups, nonNegative, residual);
    }

    public ConvCase Make(string name, int height, int width, int inputs, int outputs, int kernel, int stride, int padding, int groups, bool nonNegative, bool residual) =>
        Make(name, height, width, inputs, outputs, kernel, stride, padding, groups, nonNegative, residual, Any(Enum.GetValues<WeightKind>()), Random.Next(2) == 0 ? ValueKind.Random : Any(Enum.GetValues<ValueKind>()));

    public ConvCase Make(
        string name, int height, int width, int inputs, int outputs, int kernel, int stride, int padding, int groups, bool nonNegative, bool residual, WeightKind weights, ValueKind values) =>
        Make(name, height, width, inputs, outputs, ConvGeometry.Square(kernel, stride, padding, groups), nonNegative, residual, weights, values);

    /// <summary>A case of any size that the window fits in.</summary>
    public ConvCase Sized(string name, int inputs, int outputs, ConvGeometry geometry, bool nonNegative, bool residual)
    {
        return Make(
            name, Size(geometry.Rows, 5), Size(geometry.Columns, Any([1, 24, 24, 48])), inputs, outputs, geometry, nonNegative, residual, Any(Enum.GetValues<WeightKind>()),
            Random.Next(2) == 0 ? ValueKind.Random : Any(Enum.GetValues<ValueKind>()));

        int Size(ConvAxis axis, int range) => Math.Max(1, axis.Reach - (2 * axis.Padding)) + Random.Next(range);
    }

    private ConvCase Make(string name, int height, int width, int inputs, int outputs, ConvGeometry geometry, bool nonNegative, bool residual, WeightKind weights, ValueKind values)
    {
        var input = new IntegerTensor("x", height, width, inputs, 0.1f);
        var output = new IntegerTensor("y", geometry.Rows.OutputSize(height), geometry.Columns.OutputSize(width), outputs, 0.1f);
        int fanIn = inputs / geometry.Groups * geometry.Area;
        bool relu = Random.Next(2) == 0;
        var conv = new ConvInstruction("y", 0, residual ? 1 : null, 1)
        {
            Geometry = geometry,
            Low = relu ? 0 : Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [.. Weights(weights, outputs, fanIn)],
            Bias = [.. new int[outputs]],
            Multipliers = [.. new float[outputs]],
            ResidualMultiplier = residual ? Any([0.5f, 1, 2, 0.25f + Random.NextSingle()]) : 0,
        };
        ChooseScales(conv, fanIn);
        string text = $"case {_count++} of seed {seed}, {name} {height}x{width}x{inputs} to {outputs} channels, {geometry}"
            + $"{(relu ? ", ReLU" : "")}{(residual ? ", residual" : "")}, weights {weights}, values {values}";
        return new ConvCase(text, conv, input, output, nonNegative, Values(values, input.Count, nonNegative ? 0 : -128), residual ? Values(ValueKind.Random, output.Count, -128) : null);
    }

    private sbyte[] Values(ValueKind kind, int count, int least)
    {
        var values = new sbyte[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (sbyte)(kind switch
            {
                ValueKind.AllMin => least,
                ValueKind.AllMax => 127,
                ValueKind.EvenMax => i % 2 == 0 ? 127 : least,
                ValueKind.OddMax => i % 2 == 0 ? least : 127,
                _ => Random.Next(4) == 0 ? (Random.Next(2) == 0 ? least : 127) : Random.Next(least, 128),
            });
        }

        return values;
    }

    private sbyte[] Weights(WeightKind kind, int outputs, int fanIn)
    {
        var weights = new sbyte[outputs * fanIn];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (sbyte)(kind switch
            {
                WeightKind.AllMin => -128,
                WeightKind.AllMax => 127,
                WeightKind.Alternating => i % 2 == 0 ? -128 : 127,
                WeightKind.Small => Random.Next(-16, 16),
                WeightKind.AtInt16Limit => LimitWeight(i % fanIn, i / fanIn, 0),
                WeightKind.BeyondInt16Limit => LimitWeight(i % fanIn, i / fanIn, 1),
                _ => Random.Next(-128, 128),
            });
        }

        return weights;
    }

    // Pairs of input channels have magnitudes of 129, of one sign or of both, so that four pairs make 516. Beyond the limit, every fourth pair
    // of some channels has one more.
    private static int LimitWeight(int input, int channel, int excess)
    {
        bool more = excess == 1 && channel % 5 < 2 && input / 4 % 4 == 3;
        (int first, int second) = (channel % 4) switch
        {
            0 => (127, more ? 3 : 2),
            1 => (-128, more ? -2 : -1),
            2 => (127, more ? -3 : -2),
            _ => (more ? 2 : 1, -128),
        };
        return input % 2 == 0 ? first : second;
    }

    private void ChooseScales(ConvInstruction conv, int fanIn)
    {
        // Now and then the results come as near to the end of int32 as the vector kernels allow, or go beyond it, little or far.
        double farFactor = Random.Next(12) switch { 0 => 0.98, 1 => 1.02, 2 => 200, _ => 0 };
        // The case is still being made: nobody else has seen its arrays.
        int[] biases = ImmutableCollectionsMarshal.AsArray(conv.Bias)!;
        float[] multipliers = ImmutableCollectionsMarshal.AsArray(conv.Multipliers)!;
        for (int channel = 0; channel < conv.Bias.Length; channel++)
        {
            Span<sbyte> weights = ImmutableCollectionsMarshal.AsArray(conv.Weights).AsSpan(channel * fanIn, fanIn);
            bool halves = Random.Next(8) == 0;
            for (int i = 0; halves && i < fanIn; i++)
            {
                weights[i] %= 2; // small sums, so that every second one is a tie within the range
            }

            int room = (int)(Int8Arithmetic.AccumulatorLimit - 1 - Int8Arithmetic.AccumulatorBound(weights, 0));
            int bias = halves ? 200 : Any([0, 300, 20_000, room]);
            biases[channel] = Math.Clamp(Random.Next(-bias, bias + 1), -room, room);
            long bound = Int8Arithmetic.AccumulatorBound(weights, conv.Bias[channel]);
            multipliers[channel] = farFactor > 0 ? (float)((farFactor * (1 << 30) - 512) / Math.Max(bound, 1)) : halves ? 0.5f : Random.Next(8) switch
            {
                0 => 0,
                1 => 0.5f + Random.NextSingle(),
                2 or 3 or 4 => MathF.ScaleB(1, -Random.Next(1, 14)), // exact halves
                _ => (0.2f + Random.NextSingle()) / (128 * MathF.Sqrt(fanIn)),
            };
        }
    }
}
