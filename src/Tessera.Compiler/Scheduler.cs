using Tessera.Runtime;

namespace Tessera.Compiler;

/// <summary>Orders a program's instructions and places its tensors. Only order and memory change, never a value.</summary>
public static class Scheduler
{
    /// <summary>Schedules a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="level">How much may change; a higher level never needs a larger arena.</param>
    /// <param name="alignment">Offsets are multiples of this many bytes, at least 1.</param>
    public static Schedule Run(IntegerProgram program, OptLevel level, int alignment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(alignment, 1);
        var footprint = new TensorFootprint(program, alignment);
        Schedule schedule = level == OptLevel.O0
            ? Describe(program, level, footprint, OffsetAssignment.WithoutReuse(footprint))
            : Describe(program, level, footprint, OffsetAssignment.GreedyBySize(footprint));
        return level == OptLevel.O2 ? Reorder(schedule, footprint, alignment) : schedule;
    }

    /// <summary>Takes the smallest arena of: the program's order and a low-peak order, each placed by size and by time.</summary>
    private static Schedule Reorder(Schedule inProgramOrder, TensorFootprint footprint, int alignment)
    {
        IntegerProgram program = inProgramOrder.Program;
        int[] order = InstructionOrder.LowestPeak(program, footprint.Sizes);
        var reordered = new IntegerProgram(program.Name, program.Tensors, [.. order.Select(i => program.Instructions[i])], program.Outputs);
        var reorderedFootprint = new TensorFootprint(reordered, alignment);
        Schedule[] candidates =
        [
            inProgramOrder,
            Describe(program, OptLevel.O2, footprint, OffsetAssignment.GreedyByTime(footprint)),
            Describe(reordered, OptLevel.O2, reorderedFootprint, OffsetAssignment.GreedyBySize(reorderedFootprint)),
            Describe(reordered, OptLevel.O2, reorderedFootprint, OffsetAssignment.GreedyByTime(reorderedFootprint)),
        ];
        return candidates.MinBy(candidate => candidate.Summary.ArenaBytes)!; // the first among equals: no change without a gain
    }

    private static Schedule Describe(IntegerProgram program, OptLevel level, TensorFootprint footprint, OffsetAssignment offsets)
    {
        // The input must fit even if nothing reads it, and so must a tensor that nothing writes.
        long bound = Math.Max(footprint.Sizes.Max(), footprint.LiveBytes(program.Instructions.Length).Max());
        return new Schedule(program, new LevelMemory(level, offsets.ArenaBytes, bound), offsets.Offsets);
    }
}
