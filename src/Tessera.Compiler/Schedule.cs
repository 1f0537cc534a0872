using Tessera.Core;
using Tessera.Programs;

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
    /// <exception cref="WorkException">The arena needs more than <see cref="DevicePlan.MaxArenaBytes"/>, which no reader of an artefact takes.</exception>
    public DevicePlan ToDevicePlan()
    {
        if (Summary.ArenaBytes > DevicePlan.MaxArenaBytes)
        {
            string remedy = Summary.Level == OptLevel.O2 ? "Choose a smaller input_size" : $"Use a higher --opt, which shares memory (this one's order needs {Summary.LowerBoundBytes} bytes at least), or a smaller input_size";
            throw new WorkException($"{Program.Name} for images of {Program.Input.Height}x{Program.Input.Width} needs an arena of {Summary.ArenaBytes} bytes at --opt {(int)Summary.Level}; a model may have {DevicePlan.MaxArenaBytes}. {remedy}.");
        }

        return new DevicePlan((int)Summary.ArenaBytes, [.. Offsets.Select(offset => (int)offset)]);
    }
}
