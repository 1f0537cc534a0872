using Tessera.Programs;

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

    /// <summary>The smaller arena of the program's order and of an order with a low peak, each with a refined placement.</summary>
    private static Schedule Reorder(Schedule inProgramOrder, TensorFootprint footprint, int alignment)
    {
        IntegerProgram program = inProgramOrder.Program;
        int[] order = InstructionOrder.LowestPeak(program, footprint.Sizes);
        var reordered = new IntegerProgram(program.Name, program.Tensors, [.. order.Select(i => program.Instructions[i])], program.Outputs);
        Schedule[] candidates = [Refine(program, footprint), Refine(reordered, new TensorFootprint(reordered, alignment))];
        return candidates.MinBy(candidate => candidate.Summary.ArenaBytes)!; // the first among equals: no new order without a gain
    }

    private static Schedule Refine(IntegerProgram program, TensorFootprint footprint) =>
        Describe(program, OptLevel.O2, footprint, OffsetAssignment.Refined(footprint, LowerBound(program, footprint)));

    private static Schedule Describe(IntegerProgram program, OptLevel level, TensorFootprint footprint, OffsetAssignment offsets) =>
        new(program, new LevelMemory(level, offsets.ArenaBytes, LowerBound(program, footprint)), offsets.Offsets);

    /// <summary>What lives at once, and at least the largest tensor: the input must fit even if nothing reads it.</summary>
    private static long LowerBound(IntegerProgram program, TensorFootprint footprint) =>
        Math.Max(footprint.Sizes.Max(), footprint.LiveBytes(program.Instructions.Length).Max());
}
