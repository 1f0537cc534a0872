using System.Buffers;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Replaces stored label values by train ids through a table (HAT's LabelRemap); a value without an entry is an error, never a silent ignore.</summary>
public sealed class LabelRemap
{
    /// <summary>What <see cref="TrainIdOf"/> gives for a value without an entry.</summary>
    public const int Unknown = -1;

    private const string RunTheCheck = "Run 'tessera data check' on the data: it tells which encoding the labels have and the option that reads them.";

    private readonly byte[] _table = new byte[256];
    private readonly bool[] _known = new bool[256];
    private readonly SearchValues<byte> _unknown;
    private readonly string _valid;
    private readonly string _remedy;

    /// <summary>Creates a remap.</summary>
    /// <param name="trainIds">The train id for each label id 0, 1, …; 255 = ignored.</param>
    /// <exception cref="ArgumentException">The table has no entry or more than 256.</exception>
    public LabelRemap(ReadOnlySpan<byte> trainIds)
        : this(Entries(trainIds), "label ids", RunTheCheck)
    {
    }

    /// <summary>Creates a remap of single values.</summary>
    /// <param name="trainIds">For each valid value its train id; 255 = ignored.</param>
    /// <param name="what">What the values are, for messages: <c>label ids</c>.</param>
    /// <param name="remedy">What to do about a value without an entry; default: run the check.</param>
    /// <exception cref="ArgumentException">There is no entry.</exception>
    internal LabelRemap(IEnumerable<KeyValuePair<byte, byte>> trainIds, string what, string remedy = RunTheCheck)
    {
        Array.Fill(_table, ClassTable.Ignore);
        foreach ((byte value, byte trainId) in trainIds)
        {
            (_table[value], _known[value]) = (trainId, true);
        }

        byte[] known = [.. Enumerable.Range(0, 256).Where(value => _known[value]).Select(value => (byte)value)];
        if (known.Length == 0)
        {
            throw new ArgumentException("A label table needs at least one entry.", nameof(trainIds));
        }

        _unknown = SearchValues.Create([.. Enumerable.Range(0, 256).Where(value => !_known[value]).Select(value => (byte)value)]);
        _valid = $"{what} are {Ranges(known)}";
        _remedy = remedy;
    }

    /// <summary>The train id of a value, 255 = ignored, or <see cref="Unknown"/>.</summary>
    public int TrainIdOf(byte value) => _known[value] ? _table[value] : Unknown;

    /// <summary>Maps every value; source and destination may be the same memory.</summary>
    /// <param name="ids">Stored values.</param>
    /// <param name="trainIds">Receives train ids, of the same length.</param>
    /// <param name="width">Columns of the image, to name the place of a bad value.</param>
    /// <param name="name">The sample, for messages.</param>
    /// <exception cref="BadFileException">A value has no entry; the destination is then undefined.</exception>
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

    /// <summary>Checks that every value has an entry.</summary>
    /// <exception cref="BadFileException">A value has none; the message names it, its pixel and the valid ones.</exception>
    public void Check(ReadOnlySpan<byte> ids, int width, string name)
    {
        int place = FindUnknown(ids);
        if (place >= 0)
        {
            throw new BadFileException($"The label of {name} holds the value {ids[place]} at row {place / width}, column {place % width}; {_valid}. {_remedy}");
        }
    }

    /// <summary>The place of the first value without an entry, or -1.</summary>
    internal int FindUnknown(ReadOnlySpan<byte> ids) => ids.IndexOfAny(_unknown);

    /// <summary>The smallest value with a train id, or -1 where no value has it.</summary>
    internal int FirstValueOf(byte trainId) => Enumerable.Range(0, 256).FirstOrDefault(value => _known[value] && _table[value] == trainId, -1);

    private static IEnumerable<KeyValuePair<byte, byte>> Entries(ReadOnlySpan<byte> trainIds)
    {
        if (trainIds.Length is 0 or > 256)
        {
            throw new ArgumentException($"A label table has 1 to 256 entries; this one has {trainIds.Length}.", nameof(trainIds));
        }

        return trainIds.ToArray().Select((trainId, id) => KeyValuePair.Create((byte)id, trainId));
    }

    /// <summary>Rising values in short: <c>0..10, 255</c>.</summary>
    private static string Ranges(byte[] values)
    {
        var ranges = new List<string>();
        for (int i = 0, start = 0; i < values.Length; i++)
        {
            if (i + 1 == values.Length || values[i + 1] != values[i] + 1)
            {
                ranges.Add(i == start ? $"{values[i]}" : $"{values[start]}..{values[i]}");
                start = i + 1;
            }
        }

        return string.Join(", ", ranges);
    }
}
