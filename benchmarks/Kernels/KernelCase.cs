using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Benchmarks.Kernels;

/// <summary>A layer to measure: random weights as a trained network has them, most of them small.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Conv">The convolution.</param>
/// <param name="Input">Shape of its input.</param>
/// <param name="Output">Shape of its output.</param>
/// <param name="NonNegative">Whether a ReLU stands in front of it.</param>
internal sealed record KernelCase(string Name, ConvInstruction Conv, IntegerTensor Input, IntegerTensor Output, bool NonNegative)
{
    /// <summary>Multiply-adds of one row.</summary>
    public double Macs => (double)Output.Width * Conv.Weights.Length;

    /// <summary>One layer of each shape that costs much.</summary>
    public static IEnumerable<KernelCase> OfTheNetwork()
    {
        yield return Create("stem 3 -> 8, 1024 pixels", 3, 8, 2048, 3, 2, 1, nonNegative: false);
        foreach ((int channels, int width) in new[] { (8, 1024), (32, 512), (64, 256), (128, 128), (256, 64), (512, 32) })
        {
            yield return Create($"depthwise {channels}, {width} pixels", channels, channels, width, 3, 1, channels, nonNegative: true);
        }

        yield return Create("depthwise 16 stride 2, 512 pixels", 16, 16, 1024, 3, 2, 16, nonNegative: true);
        foreach ((int inputs, int outputs, int width) in new[] { (8, 16, 1024), (16, 32, 512), (32, 32, 512), (32, 19, 512), (64, 64, 256), (128, 128, 128), (256, 256, 64), (512, 512, 32) })
        {
            yield return Create($"pointwise {inputs} -> {outputs}, {width} pixels", inputs, outputs, width, 1, 1, 1, nonNegative: true);
        }
    }

    private static KernelCase Create(string name, int inputs, int outputs, int width, int kernel, int stride, int groups, bool nonNegative)
    {
        var random = new Random(1);
        var weights = new sbyte[outputs * inputs / groups * kernel * kernel];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (sbyte)Math.Clamp((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 80, -128, 127);
        }

        var conv = new ConvInstruction("layer", 0, null, 1)
        {
            Geometry = ConvGeometry.Square(kernel, stride, kernel / 2, groups),
            Low = 0,
            High = Int8Arithmetic.Max,
            Weights = [.. weights],
            Bias = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-1000, 1000))],
            Multipliers = [.. Enumerable.Repeat(0.002f, outputs)],
        };
        return new KernelCase(name, conv, new IntegerTensor("input", 4 * stride, width, inputs, 1), new IntegerTensor("output", 4, width / stride, outputs, 1), nonNegative);
    }
}
