using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Execution;

namespace Tessera.Runtime;

/// <summary>
/// Segments frames with a compiled model: <c>Segmenter.Load("model.tsr").Segment(Frame.Rgb(pixels, width, height), classMap)</c>.
/// </summary>
/// <remarks>
/// All members may be called from any thread at any time; as many frames as <see cref="SegmenterOptions.FramesAtOnce"/> are worked on at once,
/// other calls wait for their turn. Once a frame of a shape was seen, nothing is allocated per frame by the forms that write into the caller's
/// memory and return at once. The result does not depend on the number of threads, on the kernels, or on the machine: not in one bit.
/// </remarks>
public sealed partial class Segmenter : IDisposable
{
    private readonly SemaphoreSlim _free;
    private readonly Stack<FrameLane> _lanes;
    private readonly FrameLane[] _all;
    private bool _disposed;

    /// <summary>Packs the weights, plans the execution, makes the memory.</summary>
    /// <param name="compiled">A program with a class map among its outputs.</param>
    /// <param name="options">How to work; null for one frame at a time on one thread.</param>
    /// <exception cref="ArgumentException">An option lies outside its range, or the program has no class map or reads no picture.</exception>
    /// <exception cref="BadFileException">Executing the program would take more memory than any model may.</exception>
    public Segmenter(CompiledProgram compiled, SegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(compiled);
        options ??= new SegmenterOptions();
        options.Check();
        IntegerProgram program = compiled.Program;
        IntegerOutput output = program.Outputs.FirstOrDefault(candidate => program.Tensors[candidate.Tensor].IsClassMap)
            ?? throw new ArgumentException($"The network {program.Name} gives {string.Join(", ", program.Outputs.Select(candidate => candidate.Name))}, but no class map. Compile the deployed form, which ends in an argmax.", nameof(compiled));
        if (program.Input.Channels != 3)
        {
            throw new ArgumentException($"The network {program.Name} reads {program.Input.Channels} channels; a picture has the three of YUV444.", nameof(compiled));
        }

        FrameRowReader.CheckInput(program.Input.Height, program.Input.Width, compiled.Info.Swing);
        ClassMap = program.Tensors[output.Tensor];
        Input = program.Input;
        Info = compiled.Info;
        Classes = new ClassTable(compiled.Info.Classes);
        Kernels = options.Kernels ?? KernelSet.Best;
        FramesAtOnce = options.FramesAtOnce;
        ExecutionPlan plan = ExecutionPlan.Create(program, Kernels, keepAll: false);
        _lanes = new Stack<FrameLane>(FramesAtOnce);
        for (int i = 0; i < FramesAtOnce; i++)
        {
            _lanes.Push(new FrameLane(plan, output.Tensor, Info.Swing, options));
        }

        _all = [.. _lanes];

        MemoryBytes = _lanes.Sum(lane => lane.Bytes);
        _lanes.Peek().Prepare();
        _free = new SemaphoreSlim(FramesAtOnce);
    }

    /// <summary>The image as the network reads it, H×W×3; frames of another size are resized to it.</summary>
    public IntegerTensor Input { get; }

    /// <summary>The class map as the network gives it, H×W×1: one pixel for every four by four of the input in the usual network.</summary>
    public IntegerTensor ClassMap { get; }

    /// <summary>Names and colours of the classes; a class map's bytes are indices into it.</summary>
    public ClassTable Classes { get; }

    /// <summary>How the model was compiled.</summary>
    public CompilationInfo Info { get; }

    /// <summary>The kernels that execute the model.</summary>
    public KernelSet Kernels { get; }

    /// <summary>How many frames are worked on at once.</summary>
    public int FramesAtOnce { get; }

    /// <summary>Bytes of memory that are held for the frames being worked on, beyond the weights.</summary>
    public long MemoryBytes { get; }

    /// <summary>Loads an artefact from a file.</summary>
    /// <param name="path">A <c>.tsr</c> file that <c>tessera compile</c> wrote. It is read as untrusted data.</param>
    /// <param name="options">How to work; null for one frame at a time on one thread.</param>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, tampered with, of another kind, or of another format.</exception>
    /// <exception cref="ArgumentException">An option lies outside its range, or the program has no class map or reads no picture.</exception>
    public static Segmenter Load(string path, SegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new Segmenter(ArtefactReader.Read(path).Compiled, options);
    }

    /// <summary>Loads an artefact that is in memory, such as a resource of the application.</summary>
    /// <param name="artefact">The bytes of a <c>.tsr</c> file; not needed any more when the call returns.</param>
    /// <param name="options">How to work; null for one frame at a time on one thread.</param>
    /// <exception cref="BadFileException">It is truncated, damaged, tampered with, of another kind, or of another format.</exception>
    /// <exception cref="ArgumentException">An option lies outside its range, or the program has no class map or reads no picture.</exception>
    public static Segmenter Load(ReadOnlySpan<byte> artefact, SegmenterOptions? options = null) =>
        new(ArtefactReader.Parse(artefact, "given as bytes").Compiled, options);

    /// <summary>Prepares the class colours for <see cref="SegmentOverlay"/>; once per format of picture, for all threads.</summary>
    /// <param name="format">The picture's format: <see cref="PixelFormat.Rgb24"/>, <see cref="PixelFormat.Bgr24"/> or <see cref="PixelFormat.Bgra32"/>.</param>
    /// <param name="alpha">The colours' share, 0 (picture only) to 1 (colours only).</param>
    /// <exception cref="ArgumentException">Alpha lies outside 0 to 1, or the format is not one of the three.</exception>
    public Palette CreatePalette(PixelFormat format, double alpha = 0.5) => new(Classes, alpha, format);

    /// <summary>Frees memory and threads, once the frames that are being worked on are finished. Calls that wait for their turn then fail.</summary>
    /// <exception cref="InvalidOperationException">It is called from the work of one of those frames (an <see cref="IWorkerPool"/>), which would wait for itself.</exception>
    public void Dispose()
    {
        RefuseCallback();
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        for (int i = 0; i < FramesAtOnce; i++)
        {
            _free.Wait();
        }

        foreach (FrameLane lane in _lanes)
        {
            lane.Dispose();
        }

        _free.Release(FramesAtOnce); // those who still wait find out that it is disposed
    }

    /// <exception cref="ArgumentException">The buffer does not hold exactly a class map.</exception>
    private void CheckClassMap(int length, string name)
    {
        if (length != ClassMap.Count)
        {
            throw new ArgumentException($"The class map has {ClassMap.Height}x{ClassMap.Width} = {ClassMap.Count} bytes; the buffer given has {length}.", name);
        }
    }

    private Turn TakeTurn()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_free.Wait(0))
        {
            RefuseCallback();
            _free.Wait();
        }

        return StartTurn();
    }

    // A frame's work calls the application's code only where that brings threads of its own; waiting there for the frame's end would never end.
    private void RefuseCallback()
    {
        if (Array.Exists(_all, lane => lane.Owner == Environment.CurrentManagedThreadId))
        {
            throw new InvalidOperationException("This segmenter is working on a frame, and was called from that frame's own work. Call it when the frame is done, or use another segmenter.");
        }
    }

    /// <summary>Takes a lane; the caller has waited for one to be free.</summary>
    private Turn StartTurn()
    {
        lock (_lanes)
        {
            if (!_disposed)
            {
                FrameLane lane = _lanes.Pop();
                lane.Owner = Environment.CurrentManagedThreadId;
                return new Turn(this, lane);
            }
        }

        _free.Release();
        throw new ObjectDisposedException(typeof(Segmenter).FullName);
    }

    /// <summary>The use of a lane by one frame.</summary>
    private readonly ref struct Turn(Segmenter owner, FrameLane lane)
    {
        public FrameLane Lane => lane;

        public void Dispose()
        {
            lane.Owner = 0;
            lock (owner._lanes)
            {
                owner._lanes.Push(lane);
            }

            owner._free.Release();
        }
    }
}
