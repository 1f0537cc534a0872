using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Compiler.Tests;

/// <summary>Programs made for one test: random graphs with branches, and single instructions of any shape.</summary>
internal static class RandomPrograms
{
    /// <summary>Gray classes of these names.</summary>
    public static ImmutableArray<ClassEntry> Classes(params string[] names) => [.. names.Select((name, id) => new ClassEntry(name, (byte)id, (byte)id, (byte)id))];

    /// <summary>A random acyclic program: convolutions of all kinds, residuals, upsamples, results that several or no instructions read, and one to three outputs.</summary>
    public static IntegerProgram Graph(int seed)
    {
        var random = new Random(seed);
        List<IntegerTensor> tensors = [new("img", 16, 16, 3, 1f / 128)];
        List<IntegerInstruction> instructions = [];
        int count = random.Next(5, 30);
        for (int i = 0; i < count; i++)
        {
            int source = random.Next(Math.Max(0, tensors.Count - 6), tensors.Count);
            IntegerTensor input = tensors[source];
            int output = tensors.Count;
            string name = $"node{i}";
            if (random.Next(5) == 0 && input.Height <= 16)
            {
                tensors.Add(new IntegerTensor(name, input.Height * 2, input.Width * 2, input.Channels, input.Scale));
                instructions.Add(UpsampleInstruction.Bilinear(name, source, output));
                continue;
            }

            bool depthwise = random.Next(3) == 0 && input.Channels > 1;
            int channels = depthwise ? input.Channels : random.Next(1, 20);
            int kernel = depthwise ? 3 : random.Next(2) == 0 ? 1 : 3;
            int stride = input.Height >= 4 && random.Next(4) == 0 ? 2 : 1;
            tensors.Add(new IntegerTensor(name, (input.Height + stride - 1) / stride, (input.Width + stride - 1) / stride, channels, 0.05f));
            int[] alike = [.. Enumerable.Range(0, output).Where(t => (tensors[t].Height, tensors[t].Width, tensors[t].Channels) == (tensors[output].Height, tensors[output].Width, channels))];
            int? residual = alike.Length > 0 && random.Next(2) == 0 ? alike[random.Next(alike.Length)] : null;
            instructions.Add(Conv(random, name, input.Channels, channels, kernel, stride, depthwise ? channels : 1, source, residual, output));
        }

        ImmutableArray<IntegerOutput> outputs = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => new IntegerOutput($"out{i}", tensors.Count - 1 - i))];
        return new IntegerProgram("random", [.. tensors], [.. instructions], outputs);
    }

    /// <summary>One convolution from an image of <paramref name="inputs"/> channels.</summary>
    public static IntegerProgram Single(string name, int inputs, int outputs, int kernel, int stride, int groups, int size = 16)
    {
        int extent = ((size + (2 * (kernel / 2)) - kernel) / stride) + 1;
        return new IntegerProgram(
            "single",
            [new("img", size, size, inputs, 0.01f), new(name, extent, extent, outputs, 0.05f)],
            [Conv(new Random(1), name, inputs, outputs, kernel, stride, groups, 0, null, 1)],
            [new("out", 1)]);
    }

    /// <summary>An upsample and an argmax over <paramref name="channels"/> channels.</summary>
    public static IntegerProgram UpsampleAndArgMax(int channels) => new(
        "tail",
        [new("img", 8, 8, channels, 0.01f), new("up", 16, 16, channels, 0.01f), new("classes", 16, 16, 1, 0)],
        [UpsampleInstruction.Bilinear("up", 0, 1), new ArgMaxInstruction("classes", 1, 2)],
        [new("class_map", 2)]);

    /// <summary>An average pooling by 3 (step 4) and a max pooling by 3 (step 2), made as large as each other by 4 and 2 and put side by side.</summary>
    public static IntegerProgram Moving() => new(
        "moving",
        [new("img", 16, 16, 3, 0.01f), new("average", 4, 4, 3, 0.01f), new("largest", 8, 8, 3, 0.01f), new("four", 16, 16, 3, 0.01f), new("two", 16, 16, 3, 0.01f), new("cat", 16, 16, 6, 0.01f)],
        [
            new AveragePoolInstruction("average", 0, 1) { Rows = new ConvAxis(3, 4), Columns = new ConvAxis(3, 4) },
            new MaxPoolInstruction("largest", 0, 2) { Rows = new ConvAxis(3, 2, 1), Columns = new ConvAxis(3, 2, 1) },
            UpsampleInstruction.Bilinear("four", 1, 3, 4),
            UpsampleInstruction.Bilinear("two", 2, 4),
            new ConcatInstruction("cat", [3, 4], 5),
        ],
        [new("out", 5)]);

    /// <summary>An image for a program that holds both ends of the range.</summary>
    public static sbyte[] Image(IntegerProgram program, int seed)
    {
        var image = new sbyte[program.Input.Count];
        new Random(seed).NextBytes(MemoryMarshal.AsBytes(image.AsSpan()));
        (image[0], image[^1]) = (sbyte.MinValue, sbyte.MaxValue);
        return image;
    }

    private static ConvInstruction Conv(Random random, string name, int inputs, int outputs, int kernel, int stride, int groups, int source, int? residual, int output)
    {
        int fanIn = inputs / groups * kernel * kernel;
        var weights = new sbyte[outputs * fanIn];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (sbyte)random.Next(-3, 4); // small enough that a fan-in of 32768 keeps its accumulators below 2^24
        }

        return new ConvInstruction(name, source, residual, output)
        {
            Geometry = ConvGeometry.Square(kernel, stride, kernel / 2, groups),
            Low = random.Next(2) == 0 ? 0 : Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [.. weights],
            Bias = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-500, 501))],
            Multipliers = [.. Enumerable.Range(0, outputs).Select(_ => (0.2f + random.NextSingle()) / MathF.Sqrt(fanIn * 4))],
            ResidualMultiplier = residual is null ? 0 : 0.25f + random.NextSingle(),
        };
    }
}
