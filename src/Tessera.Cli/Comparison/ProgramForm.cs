using Tessera.Programs;
using Tessera.Runtime;

namespace Tessera.Cli.Comparison;

/// <summary>An integer program in the reference executor, or a compiled model.</summary>
internal sealed class ProgramForm : INetworkForm
{
    private readonly IntegerProgram _program;
    private readonly Executor _run;
    private readonly Dictionary<string, ConvConstants> _constants;

    private readonly IDisposable? _model;

    private ProgramForm(string name, IntegerProgram program, Executor run, IDisposable? model) =>
        (Name, _program, _run, _model, _constants) = (name, program, run, model, FormConstants.Of(program));

    private delegate ProgramOutputs Executor(ReadOnlySpan<sbyte> image, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The definition of the right result.</summary>
    public static ProgramForm Reference(string name, IntegerProgram program) => new(name, program, new ReferenceExecutor(program).Run, null);

    /// <summary>An artefact.</summary>
    public static ProgramForm Compiled(string name, CompiledProgram compiled)
    {
        var model = new CompiledModel(compiled);
        return new ProgramForm(name, compiled.Program, model.Run, model);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, NodeValue> Run(sbyte[] image)
    {
        var values = new Dictionary<string, NodeValue> { [_program.Input.Name] = Value(_program.Input, image) };
        _run(image, (tensor, tensorValues) => values.Add(tensor.Name, Value(tensor, tensorValues)));
        return values;
    }

    /// <inheritdoc/>
    public ConvConstants? ConstantsOf(string node) => _constants.GetValueOrDefault(node);

    /// <inheritdoc/>
    public void Dispose() => _model?.Dispose();

    private static NodeValue Value(IntegerTensor tensor, ReadOnlySpan<sbyte> values)
    {
        var floats = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            floats[i] = tensor.IsClassMap ? (byte)values[i] : values[i];
        }

        return new NodeValue(floats, tensor.Height, tensor.Width, tensor.Channels, tensor.IsClassMap ? 1 : tensor.Scale);
    }
}
