using Tessera.Data;
using Tessera.Imaging;

namespace Tessera.Training;

/// <summary>
/// A class map with its label, which tells quickly what other class maps of the same image are worth: only where they differ from the first is anything counted. The
/// rule is <see cref="ValidationRule"/>'s, by which each pixel of the map stands for a rectangle of the label.
/// </summary>
internal sealed class LabelledMap
{
    private readonly byte[] _map;
    private readonly ReadOnlyMemory<byte> _label;
    private readonly int _labelWidth;
    private readonly int[] _rows;
    private readonly int[] _columns;

    /// <summary>Pairs a map with the label of one image of a batch.</summary>
    /// <param name="map">The class map.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="image">The image's place in it.</param>
    /// <param name="size">Which label counts.</param>
    public LabelledMap(byte[] map, int height, int width, SegmentationBatch batch, int image, EvalSize size)
    {
        (_label, int labelHeight, _labelWidth) = Evaluation.LabelOf(batch, image, size);
        _map = map;
        _rows = Starts(height, labelHeight);
        _columns = Starts(width, _labelWidth);
    }

    /// <summary>Counts how another class map differs.</summary>
    /// <param name="other">The class map, as large as the first.</param>
    /// <param name="changes">Gets what each differing pixel of the label changes.</param>
    /// <returns>How many pixels of the map differ.</returns>
    public int Compare(ReadOnlySpan<byte> other, ConfusionMatrix changes)
    {
        int width = _columns.Length - 1, count = 0;
        ReadOnlySpan<byte> map = _map, label = _label.Span;
        for (int at = 0; at < map.Length; at++)
        {
            at += map[at..].CommonPrefixLength(other[at..]);
            if (at == map.Length)
            {
                break;
            }

            count++;
            (int y, int x) = Math.DivRem(at, width);
            for (int row = _rows[y]; row < _rows[y + 1]; row++)
            {
                for (int column = _columns[x]; column < _columns[x + 1]; column++)
                {
                    changes.Move(label[(row * _labelWidth) + column], map[at], other[at]);
                }
            }
        }

        return count;
    }

    /// <summary>For each index of a map's axis the first of the label's axis that it stands for, and one more for the end.</summary>
    private static int[] Starts(int source, int target)
    {
        var starts = new int[source + 1];
        Array.Fill(starts, target);
        for (int i = target - 1; i >= 0; i--)
        {
            starts[NearestResize.SourceOf(i, source, target)] = i;
        }

        for (int i = source - 1; i >= 0; i--)
        {
            starts[i] = Math.Min(starts[i], starts[i + 1]); // none, where the label is the smaller one
        }

        return starts;
    }
}
