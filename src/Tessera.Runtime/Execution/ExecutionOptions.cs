namespace Tessera.Runtime;

/// <summary>How a compiled model is executed. Whatever is chosen, the result is the same in every bit.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Number of threads, 1 to 1024; not used when <see cref="Pool"/> is given.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Threads of the caller's, which must outlive the model and may serve others too; null to have the model start its own.</summary>
    public IWorkerPool? Pool { get; init; }

    /// <summary>The kernels; null for the fastest that this processor supports.</summary>
    public KernelSet? Kernels { get; init; }

    /// <exception cref="ArgumentException">An option lies outside its range.</exception>
    internal void Check()
    {
        if (Threads is < 1 or > WorkerPool.MostWorkers)
        {
            throw new ArgumentException($"{nameof(Threads)} is 1 to {WorkerPool.MostWorkers}; received {Threads}.", "options");
        }

        CheckKernels(Kernels);
    }

    /// <exception cref="ArgumentException">This processor does not support the kernels.</exception>
    internal static void CheckKernels(KernelSet? chosen)
    {
        if (chosen is { IsSupported: false } kernels)
        {
            throw new ArgumentException($"The kernel set {kernels.Name} needs {kernels.Description}, which this processor or the settings of .NET do not offer; leave {nameof(Kernels)} out, or use {KernelSet.Best.Name}.", "options");
        }
    }
}

/// <summary>The time that one instruction took.</summary>
/// <param name="Name">The instruction's name.</param>
/// <param name="Kernel">The kernel that executed it.</param>
/// <param name="Milliseconds">Mean per frame, summed over the threads.</param>
public sealed record InstructionTime(string Name, string Kernel, double Milliseconds);
