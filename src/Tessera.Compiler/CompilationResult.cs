using System.Collections.Immutable;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>A compiled program and everything that was found out about it; reports are written from it.</summary>
/// <param name="Compiled">The program with its memory plan: what an artefact holds.</param>
/// <param name="Estimate">Its estimated speed, with measured times where they were attached.</param>
/// <param name="Check">What the checker found; never a violation, but possibly remarks.</param>
/// <param name="Memory">What it needs of memory.</param>
public sealed record CompilationResult(CompiledProgram Compiled, PerformanceEstimate Estimate, CheckResult Check, MemoryReport Memory)
{
    /// <summary>The same result with measured layer times.</summary>
    /// <exception cref="ArgumentException">A name belongs to no layer, or a time is not a time.</exception>
    public CompilationResult WithMeasured(string kernels, IReadOnlyList<MeasuredLayer> measured) => this with { Estimate = Estimate.WithMeasured(kernels, measured) };
}

/// <summary>What a compiled program needs of memory, in bytes.</summary>
/// <param name="StaticBytes">Weights, biases and multipliers.</param>
/// <param name="InputBytes">The image.</param>
/// <param name="OutputBytes">What the caller gets.</param>
/// <param name="ArenaBytes">All activations of one frame, image and outputs included (the dynamic memory).</param>
/// <param name="LowerBoundBytes">The most bytes that live at once in this order: no plan for it can be smaller.</param>
/// <param name="AnyOrderBoundBytes">The largest instruction's inputs and output: no plan for any order can be smaller.</param>
/// <param name="Levels">Arena and lower bound of every optimisation level.</param>
public sealed record MemoryReport(long StaticBytes, long InputBytes, long OutputBytes, long ArenaBytes, long LowerBoundBytes, long AnyOrderBoundBytes, ImmutableArray<LevelMemory> Levels)
{
    /// <summary>What a frame needs at least: static and dynamic memory.</summary>
    public long MinimumBytes => StaticBytes + ArenaBytes;

    internal static MemoryReport Of(Schedule chosen, ImmutableArray<LevelMemory> levels)
    {
        IntegerProgram program = chosen.Program;
        return new MemoryReport(
            program.Instructions.Sum(instruction => instruction.ConstantBytes),
            program.Input.Count,
            program.Outputs.Select(output => output.Tensor).Distinct().Sum(tensor => (long)program.Tensors[tensor].Count),
            chosen.Summary.ArenaBytes,
            chosen.Summary.LowerBoundBytes,
            program.Instructions.Max(instruction => instruction.Inputs.Append(instruction.Output).Distinct().Sum(tensor => (long)program.Tensors[tensor].Count)),
            levels);
    }
}
