using System.Collections.Immutable;

namespace Tessera.Runtime.Execution;

/// <summary>
/// Steps that are executed together, row by row, to make one whole tensor. Threads take bands of its rows; all of them end a stage before
/// any begins the next.
/// </summary>
/// <param name="Final">The step that makes the whole tensor.</param>
/// <param name="Height">Rows of that tensor.</param>
/// <param name="Rings">Storages that live only within the stage.</param>
/// <param name="Overlap">How many 3×3 convolutions in a row stand between the stage's inputs and its result: the rows that two bands both make.</param>
internal sealed record ExecutionStage(int Final, int Height, ImmutableArray<int> Rings, int Overlap)
{
    // Each overlapping row is made twice at a border; below this many rows per overlap that costs more than an even share of work gains.
    private const int RowsPerOverlap = 24;
    private const int RoundsWithOverlap = 4;
    private const int RoundsWithout = 8;

    /// <summary>
    /// How many bands the rows are divided into for so many threads: a multiple of them, since the bands take equally long, and several rounds where
    /// that is cheap, since threads are interrupted.
    /// </summary>
    public int Bands(int workers)
    {
        if (workers == 1)
        {
            return 1;
        }

        int rounds = Overlap == 0 ? Math.Clamp(Height / (2 * workers), 1, RoundsWithout) : Math.Clamp(Height / (RowsPerOverlap * Overlap * workers), 1, RoundsWithOverlap);
        return Math.Min(workers * rounds, Height);
    }
}
