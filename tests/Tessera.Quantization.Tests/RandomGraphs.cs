using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Quantization.Tests;

/// <summary>Small graphs in which every operation may follow every other, and every value may have several readers or be an output as well.</summary>
internal static class RandomGraphs
{
    /// <summary>A network of the seed; its batch norms have statistics as training leaves them.</summary>
    public static Network Network(int seed)
    {
        var random = new Random(seed);
        var builder = new GraphBuilder($"random{seed}");
        List<Value> values = [builder.Input("img", new TensorShape(1, random.Next(1, 4), random.Next(4, 7), random.Next(4, 7)))];
        for (int i = 0, count = random.Next(3, 13); i < count; i++)
        {
            values.Add(Append(builder, $"n{i}", Pick(random, values), values, random));
        }

        var outputs = new HashSet<string> { values[^1].Name };
        for (int i = random.Next(0, 3); i > 0; i--)
        {
            outputs.Add(values[random.Next(1, values.Count)].Name);
        }

        foreach (Value value in values.Where(value => outputs.Contains(value.Name)))
        {
            builder.Output($"out_{value.Name}", value);
        }

        Graph graph = builder.Build();
        return new Network(graph, ParameterSet.InitializeAsTrained(graph, (ulong)seed));
    }

    // Mostly the latest value, so that chains grow; sometimes an earlier one, so that values get several readers.
    private static Value Pick(Random random, List<Value> values) => random.Next(10) < 7 ? values[^1] : values[random.Next(values.Count)];

    private static Value Append(GraphBuilder builder, string name, Value x, List<Value> values, Random random)
    {
        int channels = x.Shape.C;
        Value[] alike = [.. values.Where(value => value.Shape == x.Shape)];
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                return builder.Node(name, new BatchNorm2d(channels, 1e-5f, 0.1f), x);
            case 3 or 4:
                return builder.Node(name, new Relu(values.Count % 3 == 0 ? 0.2f + (0.1f * (values.Count % 5)) : null), x);
            case 5 or 6:
                return builder.Node(name, new Add(), random.Next(2) == 0 ? [x, alike[random.Next(alike.Length)]] : [alike[random.Next(alike.Length)], x]);
            case 7 when x.Shape.H <= 8:
                return builder.Node(name, Upsample.Bilinear(2), x);
            case 8:
                return builder.Node(name, new Conv2d(channels, channels, ConvGeometry.Square(3, 1, 1, channels)) { Activation = new Activation(random.Next(3) == 0) }, x);
            case 9:
                return builder.Node(name, new Conv2d(channels, channels, ConvGeometry.Square(1)) { Residual = true, Activation = new Activation(random.Next(2) == 0) }, x, alike[random.Next(alike.Length)]);
            default:
                bool large = x.Shape.H >= 3 && x.Shape.W >= 3 && random.Next(2) == 0;
                var conv = new Conv2d(channels, random.Next(1, 5), ConvGeometry.Square(large ? 3 : 1, large ? random.Next(1, 3) : 1, large ? random.Next(2) : 0));
                return builder.Node(name, conv, x);
        }
    }
}
