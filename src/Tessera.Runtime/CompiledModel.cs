using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Execution;

namespace Tessera.Runtime;

/// <summary>
/// Executes a compiled program on int8 images. Memory is made once and used for every image: an instance executes one image at a time.
/// All members may be called from any thread at any time; calls take turns. Many images at once need an instance each, or a <see cref="Segmenter"/>.
/// </summary>
public sealed unsafe class CompiledModel : IDisposable
{
    private readonly KernelSet _kernels;
    private readonly WorkerPool? _ownPool;
    private readonly ProgramRunner _runner;
    private readonly Int8Image _image;
    private readonly ExclusiveUse _use;
    private ProgramRunner? _layerByLayer;

    /// <summary>Packs the weights for the kernels, plans the execution, and makes the memory.</summary>
    /// <param name="compiled">The program.</param>
    /// <param name="options">How to execute it; null for one thread and the fastest kernels.</param>
    /// <exception cref="ArgumentException">An option lies outside its range.</exception>
    /// <exception cref="BadFileException">Executing the program would take more memory than any model may.</exception>
    public CompiledModel(CompiledProgram compiled, ExecutionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(compiled);
        options?.Check();
        Compiled = compiled;
        _use = new ExclusiveUse(this);
        _kernels = options?.Kernels ?? KernelSet.Best;
        ExecutionPlan plan = ExecutionPlan.Create(compiled.Program, _kernels, keepAll: false);
        _runner = new ProgramRunner(plan, options?.Pool ?? (_ownPool = new WorkerPool(options?.Threads ?? 1)));
        _runner.Prepare();
        _image = new Int8Image(compiled.Program.Input.Width * compiled.Program.Input.Channels);
    }

    /// <summary>The program, the memory plan of the device that it was compiled for, and how it was compiled.</summary>
    public CompiledProgram Compiled { get; }

    /// <summary>The kernels that execute it.</summary>
    public KernelSet Kernels => _kernels;

    /// <summary>Bytes of memory held for tensors, beyond the weights.</summary>
    public long MemoryBytes => _runner.Bytes + (_layerByLayer?.Bytes ?? 0);

    /// <summary>Loads an artefact.</summary>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, tampered with, of another kind, or of a newer format.</exception>
    public static CompiledModel Load(string path, ExecutionOptions? options = null) => new(ArtefactReader.Read(path).Compiled, options);

    /// <summary>Runs the program on one image, without any allocation.</summary>
    /// <param name="image">The image as the network reads it: H×W×3 int8, YUV444 minus 128.</param>
    /// <param name="output">Gets the values of the program's only output: H×W×C bytes; int8 for logits, class ids for a class map.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="InvalidOperationException">The program has several outputs.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public void Run(ReadOnlySpan<sbyte> image, Span<byte> output)
    {
        IntegerProgram program = Compiled.Program;
        if (program.Outputs.Length != 1)
        {
            throw new InvalidOperationException($"The network {program.Name} has {program.Outputs.Length} outputs; take them from Run(image).");
        }

        int tensor = program.Outputs[0].Tensor, count = program.Tensors[tensor].Count;
        if (output.Length != count)
        {
            throw new ArgumentException($"The output {program.Outputs[0].Name} has {count} bytes; the buffer given has {output.Length}.", nameof(output));
        }

        program.CheckImage(image);
        using Lock.Scope use = _use.Begin();
        Execute(_runner, image, null);
        _runner.CopyTo(tensor, output);
    }

    /// <summary>Runs the program on one image.</summary>
    /// <param name="image">The image as the network reads it: H×W×3 int8, YUV444 minus 128.</param>
    /// <param name="tap">
    /// Sees each instruction's result: the tensor and its values, H×W×C (class ids for a class map). With a tap every tensor is kept whole and
    /// the layers are executed one after another, on the same kernels. It may not call this model; what it throws ends the run.
    /// </param>
    /// <exception cref="ArgumentException">The image has another number of values than the program's input.</exception>
    /// <exception cref="InvalidOperationException">It is called from a tap of this model.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public ProgramOutputs Run(ReadOnlySpan<sbyte> image, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap = null)
    {
        Compiled.Program.CheckImage(image);
        using Lock.Scope use = _use.Begin();
        ProgramRunner runner = tap is null ? _runner : _layerByLayer ??= new ProgramRunner(ExecutionPlan.Create(Compiled.Program, _kernels, keepAll: true), CallersThread.Pool);
        Execute(runner, image, tap is null ? null : stage => Show(runner, stage, tap));
        return new ProgramOutputs([.. Compiled.Program.Outputs.Select(output => new ProgramOutput(output.Name, Compiled.Program.Tensors[output.Tensor], Values(runner, output.Tensor)))]);
    }

    /// <summary>Measures how long each instruction takes, as the model executes it: fused, on all of its threads.</summary>
    /// <param name="image">The image, H×W×3 int8.</param>
    /// <param name="frames">How often it is executed, at least 1.</param>
    /// <returns>One entry per instruction in the program's order. The image's fetching and widening count for the instruction that reads it.</returns>
    public IReadOnlyList<InstructionTime> Profile(ReadOnlySpan<sbyte> image, int frames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        Compiled.Program.CheckImage(image);
        using Lock.Scope use = _use.Begin();
        double[] steps;
        fixed (sbyte* pixels = image)
        {
            _image.Pixels = pixels;
            steps = _runner.Measure(_image, frames);
        }

        string first = Compiled.Program.Instructions[0].Name;
        ILookup<string, int> byName = Enumerable.Range(0, steps.Length).ToLookup(step => step == 0 ? first : _runner.Plan.Steps[step].Name);
        return [.. Compiled.Program.Instructions.Select(instruction => new InstructionTime(
            instruction.Name, _runner.Plan.Steps[byName[instruction.Name].Last()].Kernel, byName[instruction.Name].Sum(step => steps[step])))];
    }

    /// <summary>Frees memory and threads, once the image that is being executed is done. Calls that wait for their turn then fail.</summary>
    /// <exception cref="InvalidOperationException">It is called from a tap of this model.</exception>
    public void Dispose()
    {
        if (!_use.End())
        {
            return;
        }

        _runner.Dispose();
        _layerByLayer?.Dispose();
        _ownPool?.Dispose();
    }

    private void Execute(ProgramRunner runner, ReadOnlySpan<sbyte> image, Action<int>? afterStage)
    {
        fixed (sbyte* pixels = image)
        {
            _image.Pixels = pixels;
            runner.Run(_image, afterStage);
        }
    }

    private void Show(ProgramRunner runner, int stage, Action<IntegerTensor, ReadOnlySpan<sbyte>> tap)
    {
        int tensor = runner.Plan.Steps[runner.Plan.Stages[stage].Final].Output;
        if (tensor != 0)
        {
            tap(Compiled.Program.Tensors[tensor], Values(runner, tensor));
        }
    }

    private sbyte[] Values(ProgramRunner runner, int tensor)
    {
        var values = new sbyte[Compiled.Program.Tensors[tensor].Count];
        runner.CopyTo(tensor, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
