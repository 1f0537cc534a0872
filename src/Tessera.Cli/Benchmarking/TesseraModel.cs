using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.Runtime;

namespace Tessera.Cli.Benchmarking;

/// <summary>Tessera's compiled model, as <c>bench</c> runs it.</summary>
internal sealed class TesseraModel : IBenchModel
{
    private readonly CompiledModel _model;
    private readonly sbyte[] _image;
    private ProgramOutputs? _outputs;

    /// <summary>Loads an artefact.</summary>
    /// <param name="path">The .tsr file.</param>
    /// <param name="image">The image, H×W×3 int8.</param>
    /// <param name="threads">Threads to compute on, at most <see cref="MostThreads"/>.</param>
    /// <exception cref="BadFileException">The file is missing or damaged.</exception>
    public TesseraModel(string path, sbyte[] image, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MostThreads);
        _model = CompiledModel.Load(path);
        _image = image;
    }

    /// <summary>The most threads that one frame can use.</summary>
    public static int MostThreads => 1;

    /// <summary>The kernels that it runs on.</summary>
    public static string Kernels => "reference";

    /// <inheritdoc/>
    public void Run() => _outputs = _model.Run(_image);

    /// <inheritdoc/>
    public byte[] ClassMap() => _outputs![Segmentor.ClassMap].ClassMap.ToArray();

    /// <summary>Times every instruction.</summary>
    /// <param name="cancellation">Ends the measurement between frames.</param>
    public IReadOnlyList<LayerRate> Profile(CancellationToken cancellation)
    {
        IntegerProgram program = _model.Compiled.Program;
        return [.. LayerTimer.Measure(_model.Compiled, cancellation).Zip(program.Instructions, (time, instruction) => Rate(program, instruction, Kernels, time.Milliseconds))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static LayerRate Rate(IntegerProgram program, IntegerInstruction instruction, string kernel, double milliseconds)
    {
        InstructionCost cost = InstructionCost.Of(program, instruction);
        IntegerTensor output = program.Tensors[instruction.Output];
        return new LayerRate(instruction.Name, kernel, $"{output.Height}x{output.Width}x{output.Channels}", milliseconds, cost.Macs, cost.TouchedBytes);
    }
}
