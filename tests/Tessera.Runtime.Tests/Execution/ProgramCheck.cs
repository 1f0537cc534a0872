using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Execution;

/// <summary>A program and an image, with every layer and output as the reference gives them, to compare executions with.</summary>
internal sealed class ProgramCheck
{
    private readonly CompiledProgram _compiled;
    private readonly sbyte[] _image;
    private readonly Dictionary<string, sbyte[]> _layers = [];
    private readonly ProgramOutputs _outputs;

    public ProgramCheck(IntegerProgram program, sbyte[]? image = null)
    {
        _compiled = ProgramMaker.Compiled(program);
        _image = image ?? SmallPrograms.Image(program, 3);
        _outputs = new ReferenceExecutor(program).Run(_image, (tensor, values) => _layers.Add(tensor.Name, values.ToArray()));
    }

    public IntegerProgram Program => _compiled.Program;

    /// <summary>Executes the program more than once, since a frame must not see anything of the one before, and compares every output.</summary>
    public void Outputs(ExecutionOptions options, int frames = 2)
    {
        using var model = new CompiledModel(_compiled, options);
        for (int frame = 0; frame < frames; frame++)
        {
            if (Program.Outputs.Length > 1)
            {
                Compare(model.Run(_image), options);
            }
            else
            {
                var output = new byte[Program.Tensors[Program.Outputs[0].Tensor].Count];
                model.Run(_image, output);
                AssertEqual(Values(_outputs.All[0]), MemoryMarshal.Cast<byte, sbyte>(output), Program.Outputs[0].Name, options);
            }
        }
    }

    /// <summary>Executes the program with every layer in sight and compares each.</summary>
    public void Layers(ExecutionOptions options)
    {
        using var model = new CompiledModel(_compiled, options);
        var seen = new List<string>();
        ProgramOutputs outputs = model.Run(_image, (tensor, values) =>
        {
            seen.Add(tensor.Name);
            AssertEqual(_layers[tensor.Name], values, tensor.Name, options);
        });
        Assert.Equal(_layers.Keys.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Compare(outputs, options);
    }

    /// <summary>Adds the outputs that an execution gives to a hash.</summary>
    public void Hash(ExecutionOptions options, IncrementalHash hash)
    {
        using var model = new CompiledModel(_compiled, options);
        foreach (ProgramOutput output in model.Run(_image).All)
        {
            hash.AppendData(MemoryMarshal.AsBytes(Values(output)));
        }
    }

    /// <summary>Executes the program once on a model that may have been used before, and compares every output.</summary>
    public void Compare(CompiledModel model) => Compare(model.Run(_image), new ExecutionOptions { Kernels = model.Kernels });

    private static ReadOnlySpan<sbyte> Values(ProgramOutput output) =>
        output.Tensor.IsClassMap ? MemoryMarshal.Cast<byte, sbyte>(output.ClassMap) : output.Logits;

    private void Compare(ProgramOutputs outputs, ExecutionOptions options)
    {
        Assert.Equal(_outputs.All.Select(output => output.Name), outputs.All.Select(output => output.Name));
        for (int i = 0; i < outputs.All.Length; i++)
        {
            AssertEqual(Values(_outputs.All[i]), Values(outputs.All[i]), outputs.All[i].Name, options);
        }
    }

    private void AssertEqual(ReadOnlySpan<sbyte> expected, ReadOnlySpan<sbyte> actual, string what, ExecutionOptions options)
    {
        int first = expected.CommonPrefixLength(actual);
        Assert.True(first == expected.Length && first == actual.Length, $"{Program.Name}, {options.Kernels?.Name} kernels, {options.Pool?.Workers ?? options.Threads} threads: {what} differs at element {first} of {expected.Length}.");
    }
}
