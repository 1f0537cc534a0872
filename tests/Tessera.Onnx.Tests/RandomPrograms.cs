using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Onnx.Tests;

/// <summary>Small programs whose values fill the whole int8 range and often fall on ties.</summary>
internal static class RandomPrograms
{
    /// <summary>
    /// Signed and unsigned inputs of convolutions, groups, strides, wide padding, both clamps, residuals of either sign, upsamples and argmax.
    /// </summary>
    public static IntegerProgram EveryInstruction(int height, int width, int seed)
    {
        var random = new Random(seed);
        int coarseHeight = (height + 1) / 2, coarseWidth = (width + 1) / 2;
        IntegerTensor[] tensors =
        [
            new("img", height, width, 4, 1f / 128),
            new("signed", height, width, 6, 0.1f),
            new("depthwise", height, width, 6, 0.1f),
            new("coarse", coarseHeight, coarseWidth, 4, 0.1f),
            new("coarse_signed", coarseHeight, coarseWidth, 4, 0.1f),
            new("up", coarseHeight * 2, coarseWidth * 2, 4, 0.1f),
            new("up_signed", coarseHeight * 2, coarseWidth * 2, 4, 0.1f),
            new("sum", coarseHeight * 2, coarseWidth * 2, 4, 0.1f),
            new("logits", coarseHeight * 2, coarseWidth * 2, 5, 0.1f),
            new("classes", coarseHeight * 2, coarseWidth * 2, 1, 0),
        ];
        IntegerInstruction[] instructions =
        [
            Conv(0, null, 1, kernel: 3, stride: 1, padding: 1, groups: 2, relu: false),
            Conv(1, 1, 2, kernel: 5, stride: 1, padding: 2, groups: 6, relu: true),
            Conv(2, null, 3, kernel: 3, stride: 2, padding: 1, groups: 1, relu: true),
            Conv(1, null, 4, kernel: 3, stride: 2, padding: 1, groups: 1, relu: false),
            UpsampleInstruction.Bilinear("up", 3, 5),
            UpsampleInstruction.Bilinear("up_signed", 4, 6),
            Conv(6, 5, 7, kernel: 1, stride: 1, padding: 0, groups: 1, relu: false),
            Conv(7, null, 8, kernel: 1, stride: 1, padding: 0, groups: 1, relu: false),
            new ArgMaxInstruction("classes", 8, 9),
        ];
        return new IntegerProgram($"random{seed}", [.. tensors], [.. instructions], [new IntegerOutput("class_map", 9), new IntegerOutput("middle", 7)]);

        ConvInstruction Conv(int input, int? residual, int output, int kernel, int stride, int padding, int groups, bool relu)
        {
            int channels = tensors[output].Channels, perChannel = tensors[input].Channels / groups * kernel * kernel;
            var weights = new byte[channels * perChannel];
            random.NextBytes(weights);

            // Powers of two put many results exactly between two integers, where only round-half-to-even is right.
            float scale = 1f / (1 << (8 + (int)Math.Log2(perChannel)));
            return new ConvInstruction(tensors[output].Name, input, residual, output)
            {
                Geometry = ConvGeometry.Square(kernel, stride, padding, groups),
                Low = relu ? 0 : Int8Arithmetic.Min,
                High = Int8Arithmetic.Max,
                Weights = [.. (sbyte[])(object)weights],
                Bias = [.. Enumerable.Range(0, channels).Select(_ => random.Next(-5000, 5000))],
                Multipliers = [.. Enumerable.Range(0, channels).Select(c => c % 2 == 0 ? scale : scale * (0.5f + random.NextSingle()))],
                ResidualMultiplier = residual is null ? 0 : random.Next(2) == 0 ? 0.5f : random.NextSingle(),
            };
        }
    }
}
