namespace Tessera.Runtime.Execution;

/// <summary>What one frame at a time needs: memory, threads, and the reader of the shape that the last frame had.</summary>
internal sealed unsafe class FrameLane : IDisposable
{
    private readonly WorkerPool? _ownPool;
    private readonly ProgramRunner _runner;
    private readonly Core.YuvSwing _swing;
    private readonly int _tensor;
    private readonly byte[] _classMap;
    private FrameImage? _image;

    /// <summary>Makes the memory and starts the threads.</summary>
    /// <param name="plan">The plan; lanes share it.</param>
    /// <param name="tensor">Index of the class map.</param>
    /// <param name="options">Threads and colour conversion.</param>
    public FrameLane(ExecutionPlan plan, int tensor, SegmenterOptions options)
    {
        _runner = new ProgramRunner(plan, options.Pool ?? (_ownPool = new WorkerPool(options.Threads)));
        _swing = options.Swing;
        _tensor = tensor;
        _classMap = new byte[plan.Program.Tensors[tensor].Count];
    }

    /// <summary>Has the machine code compiled that a frame needs.</summary>
    public void Prepare() => _runner.Prepare();

    /// <summary>Segments a frame.</summary>
    /// <returns>The class map, valid until the next frame.</returns>
    public ReadOnlySpan<byte> Run(in Frame frame)
    {
        if (_image is null || _image.Shape != frame.Shape)
        {
            IntegerTensor input = _runner.Plan.Program.Input;
            _image = new FrameImage(FrameRowReader.Create(frame.Shape, input.Height, input.Width, _swing));
        }

        fixed (byte* plane0 = frame.Plane(0), plane1 = frame.Plane(1), plane2 = frame.Plane(2))
        {
            _image.View = new FrameView(frame, plane0, plane1, plane2);
            _runner.Run(_image);
        }

        _runner.CopyTo(_tensor, _classMap);
        return _classMap;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _runner.Dispose();
        _ownPool?.Dispose();
    }
}
