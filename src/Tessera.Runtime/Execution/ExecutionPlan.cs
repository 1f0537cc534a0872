using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Execution;

/// <summary>
/// How a program is executed with one set of kernels: which tensors are kept whole and which only a few rows at a time, in which stages, and
/// where everything lies in memory. Made once when a model is loaded, never changed, shared by all who execute it.
/// </summary>
internal sealed class ExecutionPlan
{
    // Rows are padded and aligned: many narrow ones take a hundred times the bytes of their pixels, which is what the memory plan's limit counts.
    private const long MostBytes = 2L * DevicePlan.MaxArenaBytes;

    private ExecutionPlan(IntegerProgram program, ImmutableArray<RowStep> steps, ImmutableArray<RowStorage> storages, ImmutableArray<ExecutionStage> stages, long sharedBytes)
    {
        Program = program;
        Steps = steps;
        Storages = storages;
        Stages = stages;
        SharedBytes = sharedBytes;
        ScratchOffset = storages.Where(storage => storage.IsRing).Select(storage => storage.Offset + storage.Bytes).DefaultIfEmpty(0).Max();
        StepScratchBytes = steps.Max(step => step.ScratchBytes);
        if (Math.Max(SharedBytes, WorkerBytes) > MostBytes)
        {
            throw new BadFileException($"Executing {program.Name} would take {Math.Max(SharedBytes, WorkerBytes) >> 20} MiB; a model may take {MostBytes >> 20}. Choose a smaller image, or compile the model again if the artefact is damaged.");
        }

        Zeros = new AlignedBuffer(storages.Max(storage => (long)storage.Pitch));
    }

    /// <summary>The program.</summary>
    public IntegerProgram Program { get; }

    /// <summary>The steps; several may belong to one instruction.</summary>
    public ImmutableArray<RowStep> Steps { get; }

    /// <summary>Where rows are kept: first the program's tensors by index, then what steps add.</summary>
    public ImmutableArray<RowStorage> Storages { get; }

    /// <summary>The stages in the order of execution.</summary>
    public ImmutableArray<ExecutionStage> Stages { get; }

    /// <summary>Bytes of all whole tensors.</summary>
    public long SharedBytes { get; }

    /// <summary>Where a thread's working memory begins, behind its rings.</summary>
    public long ScratchOffset { get; }

    /// <summary>Bytes of working memory that the steps need.</summary>
    public int StepScratchBytes { get; }

    /// <summary>Bytes of a thread's memory: rings, and working memory for the steps.</summary>
    public long WorkerBytes => ScratchOffset + StepScratchBytes;

    /// <summary>A row of zeros as long as the longest.</summary>
    public AlignedBuffer Zeros { get; }

    /// <summary>Plans a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="keepAll">Whether every tensor is to be whole after the run, for those who look at each layer.</param>
    /// <exception cref="BadFileException">It would take more memory than any model may.</exception>
    public static ExecutionPlan Create(IntegerProgram program, KernelSet kernels, bool keepAll)
    {
        var builder = new PlanBuilder(program, kernels, keepAll);
        builder.Build();
        return new ExecutionPlan(program, [.. builder.Steps], [.. builder.Storages], [.. builder.Stages], builder.SharedBytes);
    }
}
