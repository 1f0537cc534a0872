using Tessera.Core;
using Tessera.Runtime.Execution;

namespace Tessera.Runtime;

/// <summary>
/// Segments frames with a compiled model: <c>Segmenter.Load("model.tsr").Segment(Frame.Rgb(pixels, width, height), classMap)</c>.
/// </summary>
/// <remarks>
/// All members may be called from any thread at any time; as many frames as <see cref="SegmenterOptions.FramesAtOnce"/> are worked on at once,
/// other calls wait for their turn. After the first frame of a shape nothing is allocated per frame, except by the asynchronous form.
/// The result does not depend on the number of threads, on the kernels, or on the machine: not in one bit.
/// </remarks>
public sealed class Segmenter : IDisposable
{
    private readonly SemaphoreSlim _free;
    private readonly Stack<FrameLane> _lanes = new();
    private bool _disposed;

    /// <summary>Packs the weights, plans the execution, makes the memory.</summary>
    /// <param name="compiled">A program with a class map among its outputs.</param>
    /// <param name="options">How to work; null for one frame at a time on one thread.</param>
    /// <exception cref="ArgumentException">An option lies outside its range, or the program has no class map.</exception>
    public Segmenter(CompiledProgram compiled, SegmenterOptions? options = null)
    {
        options ??= new SegmenterOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FramesAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.FramesAtOnce, 1024);
        if (options.Pool is not null && options.FramesAtOnce > 1)
        {
            throw new ArgumentException($"One pool of threads serves one frame at a time; {options.FramesAtOnce} at once are asked for. Leave {nameof(options.Pool)} or {nameof(options.FramesAtOnce)} out.", nameof(options));
        }

        IntegerProgram program = compiled.Program;
        IntegerOutput output = program.Outputs.FirstOrDefault(candidate => program.Tensors[candidate.Tensor].IsClassMap)
            ?? throw new ArgumentException($"The network {program.Name} gives {string.Join(", ", program.Outputs.Select(candidate => candidate.Name))}, but no class map. Compile the deployed form, which ends in an argmax.", nameof(compiled));
        ClassMap = program.Tensors[output.Tensor];
        Input = program.Input;
        Info = compiled.Info;
        Kernels = options.Kernels ?? KernelSet.Best;
        FramesAtOnce = options.FramesAtOnce;
        ExecutionPlan plan = ExecutionPlan.Create(program, Kernels, keepAll: false);
        for (int i = 0; i < options.FramesAtOnce; i++)
        {
            _lanes.Push(new FrameLane(plan, output.Tensor, options));
        }

        _lanes.Peek().Prepare();
        _free = new SemaphoreSlim(options.FramesAtOnce);
    }

    /// <summary>The image as the network reads it, H×W×3; frames of another size are resized to it.</summary>
    public IntegerTensor Input { get; }

    /// <summary>The class map as the network gives it, H×W×1: one pixel for every four by four of the input in the usual network.</summary>
    public IntegerTensor ClassMap { get; }

    /// <summary>Names of the classes by id, and how the model was compiled.</summary>
    public CompilationInfo Info { get; }

    /// <summary>The kernels that execute the model.</summary>
    public KernelSet Kernels { get; }

    /// <summary>How many frames are worked on at once.</summary>
    public int FramesAtOnce { get; }

    /// <summary>Loads an artefact.</summary>
    /// <param name="path">A <c>.tsr</c> file that <c>tessera compile</c> wrote. It is read as untrusted data.</param>
    /// <param name="options">How to work; null for one frame at a time on one thread.</param>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, tampered with, of another kind, or of a newer format.</exception>
    /// <exception cref="ArgumentException">An option lies outside its range, or the program has no class map.</exception>
    public static Segmenter Load(string path, SegmenterOptions? options = null) => new(ArtefactReader.Read(path).Compiled, options);

    /// <summary>Segments a frame.</summary>
    /// <param name="frame">The frame, of any size.</param>
    /// <param name="classMap">Gets the class ids, one byte per pixel of <see cref="ClassMap"/>: its height times its width.</param>
    /// <exception cref="ArgumentException">The buffer has another length, or the frame cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void Segment(in Frame frame, Span<byte> classMap)
    {
        CheckClassMap(classMap.Length);
        using Turn turn = TakeTurn();
        turn.Lane.Run(frame).CopyTo(classMap);
    }

    /// <summary>Segments a frame and enlarges the class map, to the nearest pixel, to the frame's own size.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="classMap">Gets the class ids, one byte per pixel of the frame.</param>
    /// <exception cref="ArgumentException">The buffer has another length, or the frame cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void SegmentToFrameSize(in Frame frame, Span<byte> classMap)
    {
        if (classMap.Length != (long)frame.Height * frame.Width)
        {
            throw new ArgumentException($"The frame has {frame.Height}x{frame.Width} pixels; the buffer given has {classMap.Length} bytes.", nameof(classMap));
        }

        using Turn turn = TakeTurn();
        ClassMapImage.Resize(turn.Lane.Run(frame), ClassMap.Height, ClassMap.Width, classMap, frame.Height, frame.Width);
    }

    /// <summary>Segments a frame and lays the class colours over a picture, as a rule the frame itself.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="palette">Colours, their share, and the format of the picture.</param>
    /// <param name="picture">The picture, of the frame's size; changed in place. It may be the memory that the frame was read from.</param>
    /// <param name="stride">Bytes from row to row of the picture; 0 for rows without a gap.</param>
    /// <exception cref="ArgumentException">The picture's length does not fit, or the frame cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void SegmentOverlay(in Frame frame, Palette palette, Span<byte> picture, int stride = 0)
    {
        using Turn turn = TakeTurn();
        Overlay.Blend(turn.Lane.Run(frame), ClassMap.Height, ClassMap.Width, palette, picture, frame.Width, frame.Height, stride);
    }

    /// <summary>Segments frames that lie in one buffer each, as many at once as <see cref="SegmenterOptions.FramesAtOnce"/>.</summary>
    /// <param name="shape">The shape of all frames.</param>
    /// <param name="frames">The frames, without gaps between rows and planes.</param>
    /// <param name="classMaps">As many buffers, each of <see cref="ClassMap"/>'s height times width.</param>
    /// <exception cref="ArgumentException">The numbers differ, or a length does not fit.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void SegmentBatch(FrameShape shape, IReadOnlyList<ReadOnlyMemory<byte>> frames, IReadOnlyList<Memory<byte>> classMaps)
    {
        if (frames.Count != classMaps.Count)
        {
            throw new ArgumentException($"{frames.Count} frames need as many class maps; {classMaps.Count} are given.", nameof(classMaps));
        }

        if (FramesAtOnce == 1)
        {
            for (int i = 0; i < frames.Count; i++)
            {
                Segment(Frame.OfBuffer(shape, frames[i].Span), classMaps[i].Span);
            }

            return;
        }

        try
        {
            Parallel.For(0, frames.Count, new ParallelOptions { MaxDegreeOfParallelism = FramesAtOnce }, i => Segment(Frame.OfBuffer(shape, frames[i].Span), classMaps[i].Span));
        }
        catch (AggregateException faults)
        {
            // The first frame's fault, as the one-by-one form would have thrown it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }

    /// <summary>Segments a frame on a thread of the thread pool; waiting for a turn holds no thread.</summary>
    /// <param name="shape">The frame's shape.</param>
    /// <param name="frame">The frame, without gaps between rows and planes; not to be changed before the task has ended.</param>
    /// <param name="classMap">Gets the class ids: <see cref="ClassMap"/>'s height times width.</param>
    /// <param name="cancellation">Ends the waiting; a frame that is being worked on is finished.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before the frame's turn came.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public async Task SegmentAsync(FrameShape shape, ReadOnlyMemory<byte> frame, Memory<byte> classMap, CancellationToken cancellation = default)
    {
        CheckClassMap(classMap.Length);
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        await Task.Run(() =>
        {
            using Turn turn = StartTurn();
            turn.Lane.Run(Frame.OfBuffer(shape, frame.Span)).CopyTo(classMap.Span);
        }).ConfigureAwait(false);
    }

    /// <summary>Frees memory and threads, once the frames that are being worked on are finished. Calls that wait for their turn then fail.</summary>
    public void Dispose()
    {
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

    private void CheckClassMap(int length)
    {
        if (length != ClassMap.Count)
        {
            throw new ArgumentException($"The class map has {ClassMap.Height}x{ClassMap.Width} = {ClassMap.Count} bytes; the buffer given has {length}.", "classMap");
        }
    }

    private Turn TakeTurn()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _free.Wait();
        return StartTurn();
    }

    /// <summary>Takes a lane; the caller has waited for one to be free.</summary>
    private Turn StartTurn()
    {
        lock (_lanes)
        {
            if (!_disposed)
            {
                return new Turn(this, _lanes.Pop());
            }
        }

        _free.Release();
        throw new ObjectDisposedException(nameof(Segmenter));
    }

    /// <summary>The use of a lane by one frame.</summary>
    private readonly ref struct Turn(Segmenter owner, FrameLane lane)
    {
        public FrameLane Lane => lane;

        public void Dispose()
        {
            lock (owner._lanes)
            {
                owner._lanes.Push(lane);
            }

            owner._free.Release();
        }
    }
}
