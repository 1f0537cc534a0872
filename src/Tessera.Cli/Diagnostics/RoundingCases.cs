using Tessera.Core;

namespace Tessera.Cli.Diagnostics;

/// <summary>A worked case of docs/arithmetic.md and what this machine computes for it.</summary>
/// <param name="Text">The call.</param>
/// <param name="Expected">The specification's result.</param>
/// <param name="Actual">The result here.</param>
internal sealed record RoundingCase(string Text, double Expected, double Actual);

/// <summary>Worked cases that go wrong where a machine, or a compiler, rounds in another way.</summary>
internal static class RoundingCases
{
    /// <summary>Computes every case.</summary>
    public static IReadOnlyList<RoundingCase> Compute() =>
    [
        new("QuantizeWeight(0.5, 1)", 0, Int8Arithmetic.QuantizeWeight(0.5f, 1)),
        new("QuantizeWeight(1.5, 1)", 2, Int8Arithmetic.QuantizeWeight(1.5f, 1)),
        new("QuantizeWeight(-2.5, 1)", -2, Int8Arithmetic.QuantizeWeight(-2.5f, 1)),
        new("QuantizeWeight(-3.5, 1)", -4, Int8Arithmetic.QuantizeWeight(-3.5f, 1)),
        new("QuantizeWeight(2.5000002, 1)", 3, Int8Arithmetic.QuantizeWeight(2.5000002f, 1)),
        new("QuantizeWeight(1.5, 0.01)", 127, Int8Arithmetic.QuantizeWeight(1.5f, 0.01f)),
        new("QuantizeWeight(-9, 0.01)", -128, Int8Arithmetic.QuantizeWeight(-9, 0.01f)),
        new("QuantizeBias(-0.001, 0.0078125, 0.01)", -13, Int8Arithmetic.QuantizeBias(-0.001f, 0.0078125f, 0.01f)),
        new("ScaleFor(6)", 0.047058824f, Int8Arithmetic.ScaleFor(6)),
        new("Multiplier(0.0078125, 0.01, 0.05)", 0.0015624999f, Int8Arithmetic.Multiplier(0.0078125f, 0.01f, 0.05f)),
        new("Requantize(5, 0.5, -128)", 2, Int8Arithmetic.Requantize(5, 0.5f, -128)),
        new("Requantize(7, 0.5, -128)", 4, Int8Arithmetic.Requantize(7, 0.5f, -128)),
        new("Requantize(-1000, 0.0015625, 0)", 0, Int8Arithmetic.Requantize(-1000, 0.0015625f, 0)),
        new("Requantize(16777215, 0.0000075, -128)", 126, Int8Arithmetic.Requantize(16777215, 0.0000075f, -128)),
        new("Requantize(3, 0.5, 1, 1, -128)", 2, Int8Arithmetic.Requantize(3, 0.5f, 1, 1, -128)),

        // 27 where product and sum are contracted to one fused multiply-add.
        new("Requantize(39793, 0.001005202, -18, 0.75, -128)", 26, Int8Arithmetic.Requantize(39793, 0.001005202f, -18, 0.75f, -128)),
        new("Upsample(0, 0, 0, 8)", 0, Int8Arithmetic.Upsample(0, 0, 0, 8)),
        new("Upsample(1, 1, 1, 9)", 2, Int8Arithmetic.Upsample(1, 1, 1, 9)),
        new("Upsample(-1, -1, -1, -9)", -2, Int8Arithmetic.Upsample(-1, -1, -1, -9)),
        new("Upsample(-128, -128, -128, -128)", -128, Int8Arithmetic.Upsample(-128, -128, -128, -128)),
        new("AveragePool(1, 2)", 2, Int8Arithmetic.Requantize(3, Int8Arithmetic.AverageFactor(2), Int8Arithmetic.Min)),
    ];
}
