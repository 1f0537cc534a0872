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
    public int Conv(int input, int channels, int kernel, int stride, int padding, int groups, bool relu, int? residual = null)
    {
        IntegerTensor source = _tensors[input];
        (int height, int width) = OutputSize(source, kernel, stride, padding);
        string name = Add(height, width, channels, 0.05f);
        int output = _tensors.Count - 1;
        _instructions.Add(SmallPrograms.Conv(_random, [.. _tensors], name, input, residual, output, kernel, stride, padding, groups, relu));
        return output;
    }

    public int Pointwise(int input, int channels, bool relu = true, int? residual = null) => Conv(input, channels, 1, 1, 0, 1, relu, residual);

    public int Depthwise(int input, int stride = 1) => Conv(input, _tensors[input].Channels, 3, stride, 1, _tensors[input].Channels, relu: true);

    public int Upsample(int input)
    {
        IntegerTensor source = _tensors[input];
        _instructions.Add(new UpsampleInstruction(Add(2 * source.Height, 2 * source.Width, source.Channels, source.Scale), input, _tensors.Count - 1));
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

    public static (int Height, int Width) OutputSize(IntegerTensor input, int kernel, int stride, int padding) =>
        (((input.Height + (2 * padding) - kernel) / stride) + 1, ((input.Width + (2 * padding) - kernel) / stride) + 1);

    private string Add(int height, int width, int channels, float scale)
    {
        _tensors.Add(new IntegerTensor($"t{_tensors.Count}", height, width, channels, scale));
        return _tensors[^1].Name;
    }
}
