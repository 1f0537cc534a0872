using System.Collections.Immutable;

namespace Tessera.Training;

/// <summary>Pixels that one form of a network puts into a class and another form into another.</summary>
/// <param name="From">The class in float.</param>
/// <param name="To">The class in int8.</param>
/// <param name="Pixels">How many pixels of the class maps.</param>
public sealed record ClassFlip(string From, string To, long Pixels);

/// <summary>Counts which classes pixels change between two forms of a network.</summary>
/// <param name="classes">The number of classes.</param>
internal sealed class ClassFlips(int classes)
{
    private readonly long[] _counts = new long[classes * classes];

    /// <summary>Counts the pixels of an image.</summary>
    /// <param name="before">The class map in one form.</param>
    /// <param name="after">That in the other, as large.</param>
    public void Take(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i] != after[i])
            {
                _counts[(before[i] * classes) + after[i]]++;
            }
        }
    }

    /// <summary>Every change that occurred, the most frequent first; of equals the one of the earlier classes.</summary>
    /// <param name="names">A name per class.</param>
    public ImmutableArray<ClassFlip> Ranked(IReadOnlyList<string> names) =>
        [.. _counts.Select((pixels, i) => new ClassFlip(names[i / classes], names[i % classes], pixels)).Where(flip => flip.Pixels > 0).OrderByDescending(flip => flip.Pixels)];
}
