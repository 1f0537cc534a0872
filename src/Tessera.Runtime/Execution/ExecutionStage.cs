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
    private const int BandsPerWorker = 4;

    /// <summary>How many bands the rows are divided into for so many threads.</summary>
    public int Bands(int workers) => workers == 1 ? 1 : Math.Clamp(Height / (Overlap == 0 ? 2 : RowsPerOverlap * Overlap), Math.Min(workers, Height), workers * BandsPerWorker);
}
