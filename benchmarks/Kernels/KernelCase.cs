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

    /// <summary>One layer of each shape that costs much in the network of the README.</summary>
    public static IEnumerable<KernelCase> OfTheNetwork()
    {
        yield return Create("stem 3 -> 8", 3, 8, 2048, ConvGeometry.Square(3, 2, 1), nonNegative: false);
        foreach ((int channels, int width) in new[] { (8, 1024), (32, 512), (64, 256), (128, 128), (256, 64), (512, 32) })
        {
            yield return Depthwise($"depthwise {channels}", channels, width);
        }

        yield return Depthwise("depthwise 16 stride 2", 16, 1024, stride: 2);
        foreach ((int inputs, int outputs, int width) in new[] { (8, 16, 1024), (16, 32, 512), (32, 32, 512), (32, 19, 512), (64, 64, 256), (128, 128, 128), (256, 256, 64), (512, 512, 32) })
        {
            yield return Create($"pointwise {inputs} -> {outputs}", inputs, outputs, width, ConvGeometry.Square(1), nonNegative: true);
        }
    }

    /// <summary>Layers of other networks: few classes, channels that fill no register, signed input, wide and dilated kernels, groups.</summary>
    public static IEnumerable<KernelCase> OfOtherNetworks()
    {
        foreach ((int inputs, int outputs) in new[] { (32, 2), (32, 3), (32, 11), (64, 2), (128, 19), (12, 24), (24, 24), (24, 12), (36, 36), (19, 19), (72, 72) })
        {
            yield return Create($"pointwise {inputs} -> {outputs}", inputs, outputs, 512, ConvGeometry.Square(1), nonNegative: true);
        }

        foreach ((int inputs, int outputs, bool residual) in new[] { (32, 32, false), (64, 384, false), (64, 384, true), (128, 128, false), (24, 144, false), (64, 19, false) })
        {
            yield return Create($"signed pointwise {inputs} -> {outputs}{(residual ? " residual" : "")}", inputs, outputs, 256, ConvGeometry.Square(1), nonNegative: false, residual);
        }

        foreach (int channels in new[] { 12, 24, 36, 72, 19, 16 })
        {
            yield return Depthwise($"depthwise {channels}", channels, 512);
        }

        foreach (int channels in new[] { 8, 12, 24, 32, 72 })
        {
            yield return Depthwise($"depthwise {channels} stride 2", channels, 512, stride: 2);
        }

        foreach (int channels in new[] { 16, 32, 72, 128 })
        {
            yield return Depthwise($"signed depthwise {channels}", channels, 256, nonNegative: false);
        }

        yield return Depthwise("signed depthwise 32 stride 2", 32, 512, stride: 2, nonNegative: false);
        yield return Depthwise("depthwise 32 residual", 32, 256, residual: true);
        yield return Depthwise("depthwise 32 dilation 4", 32, 256, dilation: 4);
        yield return Depthwise("depthwise 5x5 32", 32, 256, kernel: 5);
        yield return Depthwise("depthwise 5x5 24", 24, 256, kernel: 5);
        yield return Depthwise("depthwise 5x5 32 stride 2", 32, 512, kernel: 5, stride: 2);
        yield return Depthwise("signed depthwise 5x5 32", 32, 256, kernel: 5, nonNegative: false);
        yield return Depthwise("depthwise 7x7 32", 32, 256, kernel: 7);
        yield return Create("depthwise 1x3 32", 32, 32, 256, new ConvGeometry(new ConvAxis(1), new ConvAxis(3, 1, 1), 32), nonNegative: true);
        yield return Create("depthwise 5x3 32", 32, 32, 256, new ConvGeometry(new ConvAxis(5, 1, 2), new ConvAxis(3, 1, 1), 32), nonNegative: true);
        foreach ((int inputs, int outputs, int stride, int dilation) in new[] { (16, 16, 1, 1), (32, 32, 1, 1), (64, 64, 1, 1), (128, 128, 1, 1), (32, 64, 2, 1), (64, 64, 1, 2), (24, 24, 1, 1), (12, 12, 1, 1), (3, 16, 2, 1), (3, 32, 2, 1) })
        {
            yield return Create($"3x3 {inputs} -> {outputs}{(stride > 1 ? " stride 2" : "")}{(dilation > 1 ? " dilation 2" : "")}", inputs, outputs, 256 * stride, ConvGeometry.Square(3, stride, dilation, 1, dilation), nonNegative: inputs != 3);
        }

        yield return Create("signed 3x3 64 -> 64", 64, 64, 256, ConvGeometry.Square(3, 1, 1), nonNegative: false);
        foreach ((int channels, int groups, int kernel) in new[] { (32, 2, 1), (32, 4, 1), (64, 4, 1), (128, 4, 1), (24, 2, 1), (40, 4, 1), (20, 4, 1), (32, 4, 3), (64, 2, 3), (24, 4, 3), (128, 32, 3) })
        {
            yield return Create($"{kernel}x{kernel} {channels} -> {channels} groups {groups}", channels, channels, 256, ConvGeometry.Square(kernel, 1, kernel / 2, groups), nonNegative: true);
        }

        yield return Create("signed 1x1 64 -> 64 groups 4", 64, 64, 256, ConvGeometry.Square(1, 1, 0, 4), nonNegative: false);
    }

    private static KernelCase Depthwise(string name, int channels, int width, int kernel = 3, int stride = 1, int dilation = 1, bool nonNegative = true, bool residual = false) =>
        Create(name, channels, channels, width, ConvGeometry.Square(kernel, stride, kernel / 2 * dilation, channels, dilation), nonNegative, residual);

    private static KernelCase Create(string name, int inputs, int outputs, int width, ConvGeometry geometry, bool nonNegative, bool residual = false)
    {
        var random = new Random(1);
        var weights = new sbyte[outputs * inputs / geometry.Groups * geometry.Area];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (sbyte)Math.Clamp((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 80, -128, 127);
        }

        var conv = new ConvInstruction("layer", 0, residual ? 1 : null, 1)
        {
            Geometry = geometry,
            ResidualMultiplier = residual ? 0.7f : 0,
            Low = 0,
            High = Int8Arithmetic.Max,
            Weights = [.. weights],
            Bias = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-1000, 1000))],
            Multipliers = [.. Enumerable.Repeat(0.002f, outputs)],
        };
        int pixels = geometry.Columns.OutputSize(width);
        return new KernelCase($"{name}, {pixels} pixels", conv, new IntegerTensor("input", 4 * geometry.Rows.Stride, width, inputs, 1), new IntegerTensor("output", 4, pixels, outputs, 1), nonNegative);
    }
}
