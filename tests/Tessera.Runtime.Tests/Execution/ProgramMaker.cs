using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Execution;

/// <summary>Puts a program together one instruction after another; sizes follow from the inputs.</summary>
internal sealed class ProgramMaker
{
    private readonly List<IntegerInstruction> _instructions = [];
    private readonly List<IntegerTensor> _tensors;
    private readonly Random _random;

    public ProgramMaker(int seed, int height, int width)
    {
        _random = new Random(seed);
        _tensors = [new IntegerTensor("img", height, width, 3, 1f / 128)];
    }

    public IReadOnlyList<IntegerTensor> Tensors => _tensors;

    /// <summary>Adds a convolution; returns the index of its result.</summary>
    public int Conv(int input, int channels, int kernel, int stride, int padding, int groups, bool relu, int? residual = null) =>
        Conv(input, channels, ConvGeometry.Square(kernel, stride, padding, groups), relu, residual);

    /// <summary>Adds a convolution of any geometry, whose results may end below 127.</summary>
    public int Conv(int input, int channels, ConvGeometry geometry, bool relu, int? residual = null, int high = Int8Arithmetic.Max)
    {
        IntegerTensor source = _tensors[input];
        string name = Add(geometry.Rows.OutputSize(source.Height), geometry.Columns.OutputSize(source.Width), channels, 0.05f);
        int output = _tensors.Count - 1;
        _instructions.Add(SmallPrograms.Conv(_random, [.. _tensors], name, input, residual, output, geometry, relu) with { High = high });
        return output;
    }

    public int Pointwise(int input, int channels, bool relu = true, int? residual = null) => Conv(input, channels, 1, 1, 0, 1, relu, residual);

    public int Depthwise(int input, int stride = 1) => Conv(input, _tensors[input].Channels, 3, stride, 1, _tensors[input].Channels, relu: true);

    public int Upsample(int input)
    {
        IntegerTensor source = _tensors[input];
        _instructions.Add(UpsampleInstruction.Bilinear(Add(2 * source.Height, 2 * source.Width, source.Channels, source.Scale), input, _tensors.Count - 1));
        return _tensors.Count - 1;
    }

    public int Upsample(int input, int rows, int columns, UpsampleMode mode)
    {
        IntegerTensor source = _tensors[input];
        string name = Add(rows * source.Height, columns * source.Width, source.Channels, source.Scale);
        _instructions.Add(new UpsampleInstruction(name, input, _tensors.Count - 1) { RowFactor = rows, ColumnFactor = columns, Mode = mode });
        return _tensors.Count - 1;
    }

    public int AveragePool(int input, ConvAxis rows, ConvAxis columns)
    {
        string name = Pooled(input, rows, columns);
        _instructions.Add(new AveragePoolInstruction(name, input, _tensors.Count - 1) { Rows = rows, Columns = columns });
        return _tensors.Count - 1;
    }

    public int MaxPool(int input, ConvAxis rows, ConvAxis columns)
    {
        string name = Pooled(input, rows, columns);
        _instructions.Add(new MaxPoolInstruction(name, input, _tensors.Count - 1) { Rows = rows, Columns = columns });
        return _tensors.Count - 1;
    }

    public int Concat(params ImmutableArray<int> parts)
    {
        IntegerTensor first = _tensors[parts[0]];
        string name = Add(first.Height, first.Width, parts.Sum(part => _tensors[part].Channels), first.Scale);
        _instructions.Add(new ConcatInstruction(name, parts, _tensors.Count - 1));
        return _tensors.Count - 1;
    }

    public int ArgMax(int input)
    {
        IntegerTensor source = _tensors[input];
        _instructions.Add(new ArgMaxInstruction(Add(source.Height, source.Width, 1, 0), input, _tensors.Count - 1));
        return _tensors.Count - 1;
    }

    /// <summary>The program with these tensors as its outputs.</summary>
    public IntegerProgram Finish(string name, params IEnumerable<int> outputs) =>
        new(name, [.. _tensors], [.. _instructions], [.. outputs.Select(output => new IntegerOutput($"out {_tensors[output].Name}", output))]);

    /// <summary>A compiled form whose memory plan gives every tensor bytes of its own.</summary>
    public static CompiledProgram Compiled(IntegerProgram program)
    {
        var offsets = ImmutableArray.CreateBuilder<int>();
        int bytes = 0;
        foreach (IntegerTensor tensor in program.Tensors)
        {
            offsets.Add(bytes);
            bytes += tensor.Count;
        }

        int classes = program.Instructions.OfType<ArgMaxInstruction>().Select(argMax => program.Tensors[argMax.Input].Channels).SingleOrDefault();
        return new CompiledProgram(program, new DevicePlan(bytes, offsets.ToImmutable()), new CompilationInfo("cpu", 0, "0.1.0-test", [.. Enumerable.Range(0, classes).Select(i => new ClassEntry($"class {i}", (byte)i, (byte)i, (byte)i))], YuvSwing.Full));
    }

    private string Pooled(int input, ConvAxis rows, ConvAxis columns)
    {
        IntegerTensor source = _tensors[input];
        return Add(rows.OutputSize(source.Height), columns.OutputSize(source.Width), source.Channels, source.Scale);
    }

    private string Add(int height, int width, int channels, float scale)
    {
        _tensors.Add(new IntegerTensor($"t{_tensors.Count}", height, width, channels, scale));
        return _tensors[^1].Name;
    }
}
