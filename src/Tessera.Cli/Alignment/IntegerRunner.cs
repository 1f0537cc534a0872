using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Programs;

namespace Tessera.Cli.Alignment;

/// <summary>The integer program in the reference executor, or a compiled model; shows every layer. Images run in parallel.</summary>
internal sealed class IntegerRunner : IRunner
{
    private readonly string _logits;
    private readonly Executor _run;

    private IntegerRunner(string name, IntegerProgram program, Executor run)
    {
        Name = name;
        _logits = LogitsTensor(program).Name;
        _run = run;
    }

    private delegate ProgramOutputs Executor(ReadOnlySpan<sbyte> image, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap = null);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The definition of the right result.</summary>
    public static IntegerRunner Reference(IntegerProgram program) => new("int_infer", program, new ReferenceExecutor(program).Run);

    /// <summary>An artefact, executed in its own order and memory.</summary>
    public static IntegerRunner Compiled(CompiledProgram compiled) => new("compiled", compiled.Program, new CompiledModelPool(compiled).Run);

    /// <summary>The tensor from which a program takes its class map.</summary>
    /// <exception cref="BadFileException">The program has no argmax, or several.</exception>
    public static IntegerTensor LogitsTensor(IntegerProgram program)
    {
        ArgMaxInstruction[] argMaxes = [.. program.Instructions.OfType<ArgMaxInstruction>()];
        return argMaxes.Length == 1 && program.Outputs.Any(output => output.Name == DeployGraph.ClassMap && output.Tensor == argMaxes[0].Output)
            ? program.Tensors[argMaxes[0].Input]
            : throw new BadFileException($"The program {program.Name} has {argMaxes.Length} argmax instructions and the outputs {string.Join(", ", program.Outputs.Select(output => output.Name))}; a segmentation network has one argmax, which makes {DeployGraph.ClassMap}. Compile the model with this configuration.");
    }

    /// <inheritdoc/>
    public RunnerOutput[] Run(sbyte[] images, int count, int height, int width)
    {
        int length = height * width * 3;
        var outputs = new RunnerOutput[count];
        Parallel.For(0, count, i => outputs[i] = RunImage(images.AsSpan(i * length, length)));
        return outputs;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private RunnerOutput RunImage(ReadOnlySpan<sbyte> image)
    {
        sbyte[] logits = [];
        var layers = new Dictionary<string, byte[]>();
        ProgramOutputs outputs = _run(image, (tensor, values) =>
        {
            layers[tensor.Name] = SHA256.HashData(MemoryMarshal.AsBytes(values));
            if (tensor.Name == _logits)
            {
                logits = values.ToArray();
            }
        });
        ProgramOutput map = outputs[DeployGraph.ClassMap];
        return new RunnerOutput(logits, map.ClassMap.ToArray(), map.Tensor.Height, map.Tensor.Width) { Layers = layers };
    }
}
