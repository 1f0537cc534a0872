using Tessera.Imaging;
using Tessera.Programs;

namespace Tessera.Runtime.Execution;

/// <summary>What one frame at a time needs: memory, threads, and readers of the shapes that it has seen last.</summary>
internal sealed unsafe class FrameLane : IDisposable
{
    // Some cameras that take turns; a reader is small, but a stream of ever new shapes must not fill the memory.
    private const int ShapesKept = 8;

    private readonly WorkerPool? _ownPool;
    private readonly ProgramRunner _runner;
    private readonly YuvSwing _swing;
    private readonly int _tensor;
    private readonly byte[] _classMap;
    private readonly List<FrameImage> _images = new(ShapesKept);

    /// <summary>Makes the memory and starts the threads.</summary>
    /// <param name="plan">The plan; lanes share it.</param>
    /// <param name="tensor">Index of the class map.</param>
    /// <param name="swing">Colour conversion that the network was trained with.</param>
    /// <param name="options">Threads.</param>
    public FrameLane(ExecutionPlan plan, int tensor, YuvSwing swing, SegmenterOptions options)
    {
        _runner = new ProgramRunner(plan, options.Pool ?? (_ownPool = new WorkerPool(options.Threads)));
        _swing = swing;
        _tensor = tensor;
        _classMap = new byte[plan.Program.Tensors[tensor].Count];
    }

    /// <summary>The thread whose frame it is working on; 0 for none.</summary>
    public int Owner { get; set; }

    /// <summary>Bytes of memory that it holds.</summary>
    public long Bytes => _runner.Bytes + _classMap.Length;

    /// <summary>Has the machine code compiled that a frame needs.</summary>
    public void Prepare() => _runner.Prepare();

    /// <summary>Segments a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="classMap">Gets the class map, of exactly its length.</param>
    public void Run(in Frame frame, Span<byte> classMap)
    {
        FrameImage image = ImageOf(frame.Shape);
        fixed (byte* plane0 = frame.Plane(0), plane1 = frame.Plane(1), plane2 = frame.Plane(2))
        {
            image.View = new FrameView(frame, plane0, plane1, plane2);
            _runner.Run(image);
        }

        _runner.CopyTo(_tensor, classMap);
    }

    /// <summary>Segments a frame.</summary>
    /// <returns>The class map, valid until the next frame.</returns>
    public ReadOnlySpan<byte> Run(in Frame frame)
    {
        Run(frame, _classMap);
        return _classMap;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _runner.Dispose();
        _ownPool?.Dispose();
    }

    private FrameImage ImageOf(FrameShape shape)
    {
        for (int i = 0; i < _images.Count; i++)
        {
            if (_images[i].Shape == shape)
            {
                return _images[i];
            }
        }

        if (_images.Count == ShapesKept)
        {
            _images.RemoveAt(0);
        }

        IntegerTensor input = _runner.Plan.Program.Input;
        var image = new FrameImage(FrameRowReader.Create(shape, input.Height, input.Width, _swing));
        _images.Add(image);
        return image;
    }
}
