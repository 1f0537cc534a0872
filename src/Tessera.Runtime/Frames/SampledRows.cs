using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>
/// Two rows of a source, sampled along themselves, between which a row of the resized picture lies. Rows that follow each other share them.
/// </summary>
internal ref struct SampledRows
{
    private Span<float> _upper, _lower;
    private int _upperRow, _lowerRow;

    /// <summary>Takes two buffers for so many values from the scratch memory.</summary>
    public SampledRows(ref ScratchMemory scratch, int values)
    {
        _upper = scratch.Take<float>(values + BilinearRow.Padding);
        _lower = scratch.Take<float>(values + BilinearRow.Padding);
        (_upperRow, _lowerRow) = (-1, -1);
    }

    /// <summary>The upper row.</summary>
    public readonly Span<float> Upper => _upper;

    /// <summary>The lower row; the upper one where both are the same.</summary>
    public readonly Span<float> Lower => _lowerRow < 0 ? _upper : _lower;

    /// <summary>Bytes that the two buffers take.</summary>
    public static int ScratchBytes(int values) => 2 * ScratchMemory.Size<float>(values + BilinearRow.Padding);

    /// <summary>Turns to the rows of an output; the caller samples those that are not there yet.</summary>
    /// <param name="taps">The taps down the columns.</param>
    /// <param name="output">The output.</param>
    /// <param name="upper">The row to sample into <see cref="Upper"/>, or -1.</param>
    /// <param name="lower">The row to sample into <see cref="Lower"/>, or -1.</param>
    public void MoveTo(AxisTaps taps, int output, out int upper, out int lower)
    {
        int first = taps.First[output], second = taps.Second[output];
        (upper, lower) = (-1, -1);
        if (first == _lowerRow)
        {
            Span<float> previous = _upper;
            _upper = _lower;
            _lower = previous;
            (_upperRow, _lowerRow) = (_lowerRow, _upperRow);
        }
        else if (first != _upperRow)
        {
            upper = _upperRow = first;
        }

        if (second == first || taps.Weight1[output] == 0)
        {
            // A second row that has no share, or is the first one, needs no buffer; adding 0 times a level changes no sum.
            _lowerRow = -1;
        }
        else if (second != _lowerRow)
        {
            lower = _lowerRow = second;
        }
    }
}
