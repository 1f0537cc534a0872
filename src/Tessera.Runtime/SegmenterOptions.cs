namespace Tessera.Runtime;

/// <summary>How a <see cref="Segmenter"/> works. Nothing here changes a bit of the result.</summary>
public sealed record SegmenterOptions
{
    /// <summary>Threads that work on one frame, 1 to 1024. More than one shortens the time of a frame; not used when <see cref="Pool"/> is given.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Frames that are worked on at once, 1 to 1024; further calls wait. Each has memory and threads of its own. To get the most frames per
    /// second set this to the number of cores, and <see cref="Threads"/> to 1.
    /// </summary>
    public int FramesAtOnce { get; init; } = 1;

    /// <summary>
    /// Threads of the caller's for one frame at a time; null to start own ones. They must outlive the segmenter, and may serve others too: frames
    /// that want a <see cref="WorkerPool"/> at the same time take it in turns.
    /// </summary>
    public IWorkerPool? Pool { get; init; }

    /// <summary>The kernels; null for the fastest that this processor supports.</summary>
    public KernelSet? Kernels { get; init; }

    /// <exception cref="ArgumentException">An option lies outside its range, or two contradict each other.</exception>
    internal void Check()
    {
        if (Threads is < 1 or > WorkerPool.MostWorkers || FramesAtOnce is < 1 or > WorkerPool.MostWorkers)
        {
            throw new ArgumentException($"{nameof(Threads)} and {nameof(FramesAtOnce)} are 1 to 1024; received {Threads} and {FramesAtOnce}.", "options");
        }

        if (Pool is not null && FramesAtOnce > 1)
        {
            throw new ArgumentException($"One pool of threads serves one frame at a time; {FramesAtOnce} at once are asked for. Leave {nameof(Pool)} or {nameof(FramesAtOnce)} out.", "options");
        }

        ExecutionOptions.CheckKernels(Kernels);
    }
}
