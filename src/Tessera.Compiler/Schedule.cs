using Tessera.Core;
using Tessera.Runtime;

namespace Tessera.Compiler;

/// <summary>What one optimisation level makes of a program's memory.</summary>
/// <param name="Level">The level.</param>
/// <param name="ArenaBytes">Bytes of the arena, input and outputs included.</param>
/// <param name="LowerBoundBytes">The most bytes that live at once in this level's order: no arena for this order can be smaller.</param>
public sealed record LevelMemory(OptLevel Level, long ArenaBytes, long LowerBoundBytes);

/// <summary>A program in its final order with a place for every tensor.</summary>
/// <param name="Program">The program; the same instructions as before, possibly in another order.</param>
/// <param name="Summary">Level, arena and lower bound.</param>
/// <param name="Offsets">The first byte of each tensor, by tensor index.</param>
public sealed record Schedule(IntegerProgram Program, LevelMemory Summary, IReadOnlyList<long> Offsets)
{
    /// <summary>The plan as an artefact holds it.</summary>
    /// <exception cref="WorkException">The arena needs more than 2 GiB.</exception>
    public MemoryPlan ToMemoryPlan()
    {
        if (Summary.ArenaBytes > int.MaxValue)
        {
            throw new WorkException($"The program needs an arena of {Summary.ArenaBytes} bytes at --opt {(int)Summary.Level}; at most {int.MaxValue} are possible. Use a higher --opt or a smaller input.");
        }

        return new MemoryPlan((int)Summary.ArenaBytes, [.. Offsets.Select(offset => (int)offset)]);
    }
}
