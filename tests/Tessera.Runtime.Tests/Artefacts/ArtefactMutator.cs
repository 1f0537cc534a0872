using System.Buffers.Binary;

namespace Tessera.Runtime.Tests.Artefacts;

/// <summary>Damages artefacts: lists and sections as wholes, numbers at their boundaries, and bytes anywhere. The same seed gives the same mutants.</summary>
internal sealed class ArtefactMutator(int seed, IReadOnlyList<byte[]> originals)
{
    private static readonly uint[] TellingInts =
    [
        0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 127, 128, 254, 255, 256, 1023, 1024, 1025, 65535, 65536, 65537, 0x00FFFFFF, 0x01000000,
        0x3FFFFFFF, 0x40000000, 0x40000001, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0xC0000000, 0xFFFF0000, 0xFFFFFFFE, 0xFFFFFFFF,
    ];

    private static readonly ulong[] TellingLengths = [0, 1, 11, 12, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x1_0000_0000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFF4, 0xFFFFFFFFFFFFFFFF];
    private static readonly ushort[] TellingTextLengths = [0, 1, 2, 1023, 1024, 1025, 0x7FFF, 0x8000, 0xFFFF];
    private static readonly byte[] TellingBytes = [0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF];
    private static readonly byte[] TellingLetters = [0x00, 0x07, 0x0A, 0x1B, 0x7F, 0x80, 0xC0, 0xE2, 0xED, 0xF5, 0xFF];

    private static readonly float[] TellingFloats =
    [
        0, -0f, float.Epsilon, 1.17549435e-38f, 1, -1, 127.5f, 16777216, 18446744073709551616f, 18446746272732807168f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    private readonly Random _random = new(seed);

    /// <summary>Makes the next mutant; three of four have a header that is right for their content, so that only the content can be refused.</summary>
    public byte[] Next()
    {
        byte[] original = Pick(originals);
        byte[] mutant = [.. original];
        for (int changes = Few(); changes > 0; changes--)
        {
            mutant = MutateList(mutant);
        }

        // From here on the file may no longer be well-formed, so numbers are chosen from the map of what it was.
        ArtefactMap map = ArtefactMap.Of(mutant);
        for (int changes = _random.Next(4); changes > 0; changes--)
        {
            MutateField(mutant, map);
        }

        if (_random.Next(5) == 0)
        {
            mutant = MutateSections(mutant, map);
        }

        for (int changes = _random.Next(2) == 0 ? 0 : 1 << _random.Next(3); changes > 0 || mutant.AsSpan().SequenceEqual(original); changes--)
        {
            mutant = MutateBytes(mutant);
        }

        return _random.Next(4) != 0 && mutant.Length >= ArtefactMap.ContentAt ? ArtefactTests.Resealed(mutant) : mutant;
    }

    private int Few() => _random.Next(4) == 0 ? _random.Next(1, 3) : 0;

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>Repeats, drops, moves or exchanges elements of one list; count and section length stay right.</summary>
    private byte[] MutateList(byte[] file)
    {
        ArtefactMap map = ArtefactMap.Of(file);
        ElementList list = Pick(map.Lists);
        List<byte[]> elements = [.. Enumerable.Range(0, list.Bounds.Count - 1).Select(i => file[list.Bounds[i]..list.Bounds[i + 1]])];
        if (elements.Count == 0)
        {
            return file;
        }

        int one = _random.Next(elements.Count), other = _random.Next(elements.Count);
        switch (_random.Next(5))
        {
            case 0:
                elements.Insert(other, elements[one]);
                break;
            case 1:
                elements.RemoveAt(one);
                break;
            case 2:
                (elements[one], elements[other]) = (elements[other], elements[one]);
                break;
            case 3:
                elements.Clear();
                break;
            default:
                elements.AddRange(Enumerable.Repeat(elements[one], _random.Next(2) == 0 ? 300 : 5000));
                break;
        }

        byte[] result = [.. file[..list.Bounds[0]], .. elements.SelectMany(element => element), .. file[list.Bounds[^1]..]];
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(list.CountAt), elements.Count);
        (int start, int end) = map.Sections[list.Section];
        BinaryPrimitives.WriteInt64LittleEndian(result.AsSpan(start + 4), end - start - 12 + result.Length - file.Length);
        return result;
    }

    private void MutateField(byte[] file, ArtefactMap map)
    {
        if (_random.Next(8) == 0)
        {
            file[Pick(map.TextBytes)] = Pick(TellingLetters);
            return;
        }

        Field field = Pick(map.Fields);
        Span<byte> place = file.AsSpan(field.At, field.Size);
        if (_random.Next(3) == 0)
        {
            // The value of another field of the same kind: plausible, and wrong here.
            Field other = Pick<Field>([.. map.Fields.Where(candidate => candidate.Kind == field.Kind)]);
            file.AsSpan(other.At, other.Size).CopyTo(place);
            return;
        }

        switch (field.Kind)
        {
            case FieldKind.Byte:
                place[0] = Pick(TellingBytes);
                break;
            case FieldKind.TextLength:
                BinaryPrimitives.WriteUInt16LittleEndian(place, _random.Next(2) == 0 ? Pick(TellingTextLengths) : (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(place) + _random.Next(-2, 3)));
                break;
            case FieldKind.Int32:
                BinaryPrimitives.WriteUInt32LittleEndian(place, _random.Next(2) == 0 ? Pick(TellingInts) : BinaryPrimitives.ReadUInt32LittleEndian(place) + (uint)_random.Next(-2, 3));
                break;
            case FieldKind.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(place, Pick(TellingFloats));
                break;
            case FieldKind.SectionLength:
                BinaryPrimitives.WriteUInt64LittleEndian(place, _random.Next(2) == 0 ? Pick(TellingLengths) : BinaryPrimitives.ReadUInt64LittleEndian(place) + (ulong)_random.Next(-12, 13));
                break;
            default:
                throw new InvalidOperationException($"{field.Kind} is not a kind of field.");
        }
    }

    /// <summary>Repeats, drops, empties, exchanges or renames sections.</summary>
    private byte[] MutateSections(byte[] file, ArtefactMap map)
    {
        List<byte[]> sections = [.. map.Sections.Select(bounds => file[bounds.Start..bounds.End])];
        int one = _random.Next(sections.Count), other = _random.Next(sections.Count);
        switch (_random.Next(5))
        {
            case 0:
                sections.Insert(other, sections[one]);
                break;
            case 1:
                sections.RemoveAt(one);
                break;
            case 2:
                sections[one] = [.. sections[one][..4], .. new byte[8]];
                break;
            case 3:
                (sections[one], sections[other]) = (sections[other], sections[one]);
                break;
            default:
                sections[one] = [.. sections[other][..4], .. sections[one][4..]];
                break;
        }

        return [.. file[..ArtefactMap.ContentAt], .. sections.SelectMany(section => section)];
    }

    private byte[] MutateBytes(byte[] file)
    {
        int at = _random.Next(_random.Next(8) == 0 ? 0 : Math.Min(ArtefactMap.ContentAt, file.Length - 1), file.Length);
        switch (_random.Next(6))
        {
            case 0:
                file[at] ^= (byte)(1 << _random.Next(8));
                return file;
            case 1:
                file[at] = (byte)_random.Next(256);
                return file;
            case 2 when at + 4 <= file.Length:
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), Pick(TellingInts));
                return file;
            case 3 when at + 4 <= file.Length:
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at)) + _random.Next(-2, 3));
                return file;
            case 4 when _random.Next(4) == 0 && file.Length > 64:
                int end = Math.Min(file.Length, at + _random.Next(1, 16));
                return _random.Next(2) == 0 ? [.. file[..at], .. file[end..]] : [.. file[..end], .. file[at..]];
            default:
                file[at]++;
                return file;
        }
    }
}
