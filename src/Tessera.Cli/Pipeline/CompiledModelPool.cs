using System.Collections.Concurrent;
using Tessera.Programs;
using Tessera.Runtime;

namespace Tessera.Cli.Pipeline;

/// <summary>Runs a compiled program for several threads at once: a compiled model serves one thread, so each call borrows one.</summary>
/// <param name="compiled">The program; all models share it.</param>
internal sealed class CompiledModelPool(CompiledProgram compiled)
{
    private readonly ConcurrentBag<CompiledModel> _idle = [];

    /// <summary>Runs the program on one image.</summary>
    /// <inheritdoc cref="CompiledModel.Run(ReadOnlySpan{sbyte}, Action{IntegerTensor, ReadOnlySpan{sbyte}})"/>
    public ProgramOutputs Run(ReadOnlySpan<sbyte> image, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap = null)
    {
        CompiledModel model = _idle.TryTake(out CompiledModel? idle) ? idle : new CompiledModel(compiled);
        ProgramOutputs outputs = model.Run(image, tap);
        _idle.Add(model);
        return outputs;
    }
}
