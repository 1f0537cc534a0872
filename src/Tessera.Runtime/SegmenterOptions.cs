using Tessera.Core;

namespace Tessera.Runtime;

/// <summary>How a <see cref="Segmenter"/> works. Nothing here changes a bit of the result but <see cref="Swing"/>, which belongs to the network.</summary>
public sealed record SegmenterOptions
{
    /// <summary>Threads that work on one frame, 1 to 1024. More than one shortens the time of a frame; not used when <see cref="Pool"/> is given.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Frames that are worked on at once, 1 to 1024; further calls wait. Each has memory and threads of its own. To get the most frames per
    /// second set this to the number of cores, and <see cref="Threads"/> to 1.
    /// </summary>
    public int FramesAtOnce { get; init; } = 1;

    /// <summary>Threads of the caller's for one frame at a time; null to start own ones.</summary>
    public IWorkerPool? Pool { get; init; }

    /// <summary>The kernels; null for the fastest that this processor supports.</summary>
    public KernelSet? Kernels { get; init; }

    /// <summary>Which conversion to YUV444 the network was trained with (key <c>data.yuv_swing</c> of its configuration).</summary>
    public YuvSwing Swing { get; init; } = YuvSwing.Full;
}
