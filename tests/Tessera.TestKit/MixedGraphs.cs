using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.TestKit;

/// <summary>Random float networks of every operation, each of which can be quantized: convolutions of all geometries and activations, residuals, poolings, upsamples, concatenations.</summary>
public sealed class MixedGraphs
{
    private const int MostPixels = 600;
    private const int MostChannels = 40;

    private readonly Random _random;
    private readonly GraphBuilder _builder;
    private readonly List<Value> _values = [];
    private int _count;

    private MixedGraphs(int seed)
    {
        _random = new Random(seed);
        _builder = new GraphBuilder($"mixed{seed}");
    }

    /// <summary>A network with one logits output, an argmax of it, and another output.</summary>
    public static Network Network(int seed)
    {
        Graph graph = new MixedGraphs(seed).Build();
        return new Network(graph, ParameterSet.InitializeAsTrained(graph, (ulong)seed));
    }

    private Graph Build()
    {
        Value image = _builder.Input("img", new TensorShape(1, 3, _random.Next(3, 20), _random.Next(3, 20)));
        _values.Add(Convolution(image));
        for (int left = _random.Next(4, 14); left > 0; left--)
        {
            Value x = _values[_random.Next(Math.Max(0, _values.Count - 4), _values.Count)];
            _values.Add(_random.Next(9) switch
            {
                0 => Pooling(x),
                1 => Upsampling(x),
                2 => Concatenation(x),
                3 => Residual(x),
                _ => Convolution(x),
            });
        }

        Value logits = _builder.Node("logits", new Conv2d(_values[^1].Shape.C, _random.Next(2, 9), ConvGeometry.Square(1)), _values[^1]);
        _builder.Output("logits", logits);
        _builder.Output("class_map", _builder.Node("classes", new ArgMax(), logits));
        _builder.Output("middle", _values[_random.Next(_values.Count)]);
        return _builder.Build();
    }

    private string Name(string kind) => $"{kind}{_count++}";

    private Value Convolution(Value x)
    {
        bool depthwise = _random.Next(3) == 0;
        int outputs = depthwise ? x.Shape.C : _random.Next(1, 20);
        int groups = depthwise ? x.Shape.C : x.Shape.C % 2 == 0 && outputs % 2 == 0 && _random.Next(3) == 0 ? 2 : 1;
        ConvAxis rows = Axis(x.Shape.H), columns = _random.Next(3) == 0 ? Axis(x.Shape.W) : rows;
        var conv = new Conv2d(x.Shape.C, outputs, new ConvGeometry(rows, columns, groups));
        if (rows.OutputSize(x.Shape.H) < 1 || columns.OutputSize(x.Shape.W) < 1 || (long)rows.OutputSize(x.Shape.H) * columns.OutputSize(x.Shape.W) > MostPixels)
        {
            conv = conv with { Geometry = new ConvGeometry(new ConvAxis(1), new ConvAxis(1), groups) };
        }

        return Activated(Normalized(_builder.Node(Name("conv"), conv, x)));
    }

    private Value Residual(Value x)
    {
        Value branch = Normalized(_builder.Node(Name("conv"), new Conv2d(x.Shape.C, x.Shape.C, ConvGeometry.Square(1)), x));
        return Activated(_builder.Node(Name("add"), new Add(), _random.Next(2) == 0 ? [branch, x] : [x, branch]));
    }

    private Value Normalized(Value x) => _random.Next(2) == 0 ? _builder.Node(Name("norm"), new BatchNorm2d(x.Shape.C, 1e-5f, 0.1f), x) : x;

    private Value Activated(Value x) => _random.Next(4) switch
    {
        0 => x,
        1 => _builder.Node(Name("relu"), new Relu(0.5f + _random.NextSingle()), x),
        _ => _builder.Node(Name("relu"), new Relu(), x),
    };

    private Value Pooling(Value x)
    {
        bool average = _random.Next(2) == 0;
        ConvAxis rows = Window(x.Shape.H), columns = Window(x.Shape.W);
        return _builder.Node(Name("pool"), average ? new AvgPool2d(rows, columns) : new MaxPool2d(rows, columns), x);

        ConvAxis Window(int size)
        {
            int kernel = _random.Next(1, (_random.Next(2) == 0 ? size : Math.Min(size, 3)) + 1);
            return new ConvAxis(kernel, _random.Next(1, kernel + 1), average ? 0 : _random.Next((kernel / 2) + 1));
        }
    }

    private Value Upsampling(Value x)
    {
        (int rows, int columns) = (1 << _random.Next(4), 1 << _random.Next(4));
        return x.Shape.Pixels * rows * columns <= MostPixels
            ? _builder.Node(Name("up"), new Upsample(rows, columns, _random.Next(2) == 0 ? UpsampleMode.Nearest : UpsampleMode.Bilinear), x)
            : Convolution(x);
    }

    private Value Concatenation(Value x)
    {
        Value[] alike = [.. _values.Where(value => value.Shape with { C = x.Shape.C } == x.Shape)];
        Value[] parts = [.. Enumerable.Range(0, _random.Next(2, 4)).Select(_ => alike[_random.Next(alike.Length)])];
        return parts.Sum(part => part.Shape.C) <= MostChannels ? _builder.Node(Name("concat"), new Concat(), parts) : Convolution(x);
    }

    private ConvAxis Axis(int size)
    {
        int kernel = _random.Next(3) == 0 ? _random.Next(1, 6) : 3, dilation = _random.Next(4) == 0 ? 2 : 1;
        int reach = ((kernel - 1) * dilation) + 1;
        return new ConvAxis(kernel, _random.Next(3) == 0 && size > 4 ? 2 : 1, _random.Next(4) == 0 ? _random.Next(reach) : reach / 2, dilation);
    }
}
