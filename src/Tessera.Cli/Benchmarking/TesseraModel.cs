using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime;

namespace Tessera.Cli.Benchmarking;

/// <summary>Tessera's compiled model, as <c>bench</c> runs it.</summary>
internal sealed class TesseraModel : IBenchModel
{
    private readonly CompiledModel _model;
    private readonly sbyte[] _image;
    private readonly byte[] _map;

    /// <summary>Loads an artefact.</summary>
    /// <param name="path">The .tsr file.</param>
    /// <param name="image">The image, H×W×3 int8.</param>
    /// <param name="threads">Threads to compute on.</param>
    /// <exception cref="BadFileException">The file is missing or damaged, or the model has other outputs than one class map.</exception>
    public TesseraModel(string path, sbyte[] image, int threads)
    {
        _model = CompiledModel.Load(path, new ExecutionOptions { Threads = threads });
        IntegerProgram program = _model.Compiled.Program;
        if (program.Outputs.Length != 1)
        {
            _model.Dispose();
            throw new BadFileException($"The artefact {path} has {program.Outputs.Length} outputs; a deployed network has its class map alone. Compile it with this configuration.");
        }

        _image = image;
        _map = new byte[program.Tensors[program.Outputs[0].Tensor].Count];
    }

    /// <summary>The kernels that it runs on.</summary>
    public string Kernels => _model.Kernels.Name;

    /// <inheritdoc/>
    public void Run() => _model.Run(_image, _map);

    /// <inheritdoc/>
    public byte[] ClassMap() => [.. _map];

    /// <summary>Times every instruction as the model executes it, the mean of some frames.</summary>
    public IReadOnlyList<LayerRate> Profile(int frames)
    {
        IntegerProgram program = _model.Compiled.Program;
        return [.. _model.Profile(_image, frames).Zip(program.Instructions, (time, instruction) => Rate(program, instruction, time))];
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private static LayerRate Rate(IntegerProgram program, IntegerInstruction instruction, InstructionTime time)
    {
        InstructionCost cost = InstructionCost.Of(program, instruction);
        IntegerTensor output = program.Tensors[instruction.Output];
        return new LayerRate(time.Name, time.Kernel, $"{output.Height}x{output.Width}x{output.Channels}", time.Milliseconds, cost.Macs, cost.TouchedBytes);
    }
}
