using Tessera.Core;

namespace Tessera.Data;

/// <summary>Replaces label ids by train ids through a table (HAT's LabelRemap); an id without an entry is an error, never a silent ignore.</summary>
public sealed class LabelRemap
{
    private readonly byte[] _table = new byte[256];
    private readonly int _count;

    /// <summary>Creates a remap.</summary>
    /// <param name="trainIds">The train id for each label id 0, 1, …; 255 = ignored.</param>
    /// <exception cref="ArgumentException">The table has no entry or more than 256.</exception>
    public LabelRemap(ReadOnlySpan<byte> trainIds)
    {
        if (trainIds.Length is 0 or > 256)
        {
            throw new ArgumentException($"A label table has 1 to 256 entries; this one has {trainIds.Length}.", nameof(trainIds));
        }

        _count = trainIds.Length;
        Array.Fill(_table, ClassTable.Ignore);
        trainIds.CopyTo(_table);
    }

    /// <summary>Maps every value; source and destination may be the same memory.</summary>
    /// <param name="ids">Label ids.</param>
    /// <param name="trainIds">Receives train ids, of the same length.</param>
    /// <param name="width">Columns of the image, to name the place of a bad id.</param>
    /// <param name="name">The sample, for messages.</param>
    /// <exception cref="BadFileException">An id has no entry; the destination is then undefined.</exception>
    public void Apply(ReadOnlySpan<byte> ids, Span<byte> trainIds, int width, string name)
    {
        if (trainIds.Length != ids.Length)
        {
            throw new ArgumentException($"The destination has {trainIds.Length} values, the source {ids.Length}.", nameof(trainIds));
        }

        // Checked first, because the mapping may be in place and the message must show the value as it is stored.
        Check(ids, width, name);
        for (int i = 0; i < ids.Length; i++)
        {
            trainIds[i] = _table[ids[i]];
        }
    }

    /// <summary>Checks that every id has an entry.</summary>
    /// <exception cref="BadFileException">An id has none.</exception>
    public void Check(ReadOnlySpan<byte> ids, int width, string name)
    {
        int place = _count == 256 ? -1 : ids.IndexOfAnyInRange((byte)_count, byte.MaxValue);
        if (place >= 0)
        {
            throw new BadFileException(
                $"The label of {name} holds the value {ids[place]} at row {place / width}, column {place % width}; label ids are 0..{_count - 1}. " +
                "Are these train ids or colours? Use the *_gtFine_labelIds.png files.");
        }
    }
}
