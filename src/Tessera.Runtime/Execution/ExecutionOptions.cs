namespace Tessera.Runtime;

/// <summary>How a compiled model is executed. Whatever is chosen, the result is the same in every bit.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Number of threads, 1 to 1024; not used when <see cref="Pool"/> is given.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Threads of the caller's, which outlive the model; null to have the model start its own.</summary>
    public IWorkerPool? Pool { get; init; }

    /// <summary>The kernels; null for the fastest that this processor supports.</summary>
    public KernelSet? Kernels { get; init; }
}

/// <summary>The time that one instruction took.</summary>
/// <param name="Name">The instruction's name.</param>
/// <param name="Kernel">The kernel that executed it.</param>
/// <param name="Milliseconds">Mean per frame, summed over the threads.</param>
public sealed record InstructionTime(string Name, string Kernel, double Milliseconds);
