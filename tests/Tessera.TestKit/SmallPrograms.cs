using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;

namespace Tessera.TestKit;

/// <summary>Small programs that hold every kind of instruction, and hand-made memory plans for them.</summary>
public static class SmallPrograms
{
    public static readonly ImmutableArray<string> LayerNames = ["stem", "dw", "pw", "down", "up", "fuse", "logits", "classes"];

    /// <summary>stem 3×3/2 → depthwise → pointwise; downwards and up again; a residual convolution; logits; argmax. The image is 2·height × 2·width × 3.</summary>
    public static IntegerProgram Small(int seed, int height = 4, int width = 6, int classes = 5)
    {
        var random = new Random(seed);
        int h = height, w = width;
        ImmutableArray<IntegerTensor> tensors =
        [
            new("img", 2 * h, 2 * w, 3, 1f / 128),
            new("stem", h, w, 4, 0.03f),
            new("dw", h, w, 4, 0.02f),
            new("pw", h, w, 6, 0.05f),
            new("down", h / 2, w / 2, 6, 0.04f),
            new("up", h, w, 6, 0.04f),
            new("fuse", h, w, 6, 0.06f),
            new("logits", h, w, classes, 0.1f),
            new("classes", h, w, 1, 0),
        ];
        return new IntegerProgram("small", tensors,
        [
            Conv(random, tensors, "stem", 0, null, 1, 3, 2, 1, 1, true),
            Conv(random, tensors, "dw", 1, null, 2, 3, 1, 1, 4, true),
            Conv(random, tensors, "pw", 2, null, 3, 1, 1, 0, 1, true),
            Conv(random, tensors, "down", 3, null, 4, 3, 2, 1, 6, false),
            UpsampleInstruction.Bilinear("up", 4, 5),
            Conv(random, tensors, "fuse", 3, 5, 6, 1, 1, 0, 1, true),
            Conv(random, tensors, "logits", 6, null, 7, 1, 1, 0, 1, false),
            new ArgMaxInstruction("classes", 7, 8),
        ], [new("class_map", 8), new("stride2", 7)]);
    }

    /// <summary>A convolution with full-range weights whose results spread over the whole int8 range.</summary>
    public static ConvInstruction Conv(Random random, ImmutableArray<IntegerTensor> tensors, string name, int input, int? residual, int output, int kernel, int stride, int padding, int groups, bool relu) =>
        Conv(random, tensors, name, input, residual, output, ConvGeometry.Square(kernel, stride, padding, groups), relu);

    /// <summary>A convolution of any geometry.</summary>
    public static ConvInstruction Conv(Random random, ImmutableArray<IntegerTensor> tensors, string name, int input, int? residual, int output, ConvGeometry geometry, bool relu)
    {
        int channels = tensors[output].Channels, fanIn = tensors[input].Channels / geometry.Groups * geometry.Area;
        var weights = new sbyte[channels * fanIn];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        return new ConvInstruction(name, input, residual, output)
        {
            Geometry = geometry,
            Low = relu ? 0 : Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [.. weights],
            Bias = [.. Enumerable.Range(0, channels).Select(_ => random.Next(-20_000, 20_001))],
            Multipliers = [.. Enumerable.Range(0, channels).Select(_ => (0.2f + random.NextSingle()) / (128 * MathF.Sqrt(fanIn)))],
            ResidualMultiplier = residual is null ? 0 : 0.25f + random.NextSingle(),
        };
    }

    public static sbyte[] Image(IntegerProgram program, int seed)
    {
        var image = new sbyte[program.Input.Count];
        new Random(seed).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(image.AsSpan()));
        image[0] = sbyte.MinValue;
        image[^1] = sbyte.MaxValue;
        return image;
    }

    /// <summary>
    /// A tight plan for <see cref="Small"/>: img (6·hw·2 = 12·hw bytes) at the front, its bytes taken again by later tensors. In units of the pixels hw of a stride-2 map.
    /// </summary>
    public static DevicePlan TightPlan(IntegerProgram program)
    {
        int pixels = program.Tensors[1].Height * program.Tensors[1].Width;
        ImmutableArray<int> offsets =
        [
            0,             // img: 12 units, dead after the stem
            12 * pixels,   // stem: 4 units, dead after dw
            0,             // dw: 4 units over the image
            4 * pixels,    // pw: 6 units, needed until fuse
            0,             // down: 1.5 units over dw
            10 * pixels,   // up: 6 units over the end of the image and the stem
            16 * pixels,   // fuse: 6 units
            0,             // logits: 5 units at most over down and pw, which are dead; an output
            10 * pixels,   // classes: 1 unit over up; an output
        ];
        return new DevicePlan(22 * pixels, offsets);
    }

    public static CompiledProgram Compiled(IntegerProgram program, YuvSwing swing = YuvSwing.Full) =>
        new(program, TightPlan(program), new CompilationInfo("cpu", 1, "0.1.0-test", Classes, swing));

    /// <summary>Five classes, each with a colour of its own.</summary>
    public static ImmutableArray<ClassEntry> Classes { get; } = [.. Enumerable.Range(0, 5).Select(i => new ClassEntry($"class {i}", (byte)(40 * i), (byte)(200 - (30 * i)), (byte)(7 * i)))];

    /// <summary>The same program with one instruction replaced.</summary>
    public static IntegerProgram With(this IntegerProgram program, IntegerInstruction old, IntegerInstruction replacement) =>
        new(program.Name, program.Tensors, program.Instructions.Replace(old, replacement), program.Outputs);

    public static ConvInstruction ConvNamed(this IntegerProgram program, string name) =>
        (ConvInstruction)program.Instructions.Single(instruction => instruction.Name == name);
}
