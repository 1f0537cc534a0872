using System.Buffers.Binary;
using System.Text;

namespace Tessera.Runtime.Tests.Artefacts;

/// <summary>What a stored number is, for choosing values that are telling for it.</summary>
internal enum FieldKind
{
    Byte,
    TextLength,
    Int32,
    Float32,
    SectionLength,
}

/// <summary>One number of a file.</summary>
internal readonly record struct Field(int At, FieldKind Kind)
{
    public int Size => Kind switch
    {
        FieldKind.Byte => 1,
        FieldKind.TextLength => 2,
        FieldKind.SectionLength => 8,
        _ => 4,
    };
}

/// <summary>A list in a section: where its count stands and where each element begins; the last entry is the end.</summary>
internal sealed record ElementList(int CountAt, int Section, IReadOnlyList<int> Bounds);

/// <summary>
/// Where every number, list, and section of a well-formed artefact lies: the format of docs/artefact.md written down a second time, independently
/// of the reader, so that mutations can hit the boundaries of fields.
/// </summary>
internal sealed class ArtefactMap
{
    public const int ContentAt = 56;

    private readonly byte[] _file;
    private int _at = ContentAt;

    private ArtefactMap(byte[] file)
    {
        _file = file;
        while (_at < file.Length)
        {
            Section();
        }
    }

    /// <summary>All numbers but weights, which any byte mutation reaches.</summary>
    public List<Field> Fields { get; } = [];

    /// <summary>Bytes of texts.</summary>
    public List<int> TextBytes { get; } = [];

    /// <summary>All lists.</summary>
    public List<ElementList> Lists { get; } = [];

    /// <summary>First byte and the byte after the end of each section, its tag and length included.</summary>
    public List<(int Start, int End)> Sections { get; } = [];

    public static ArtefactMap Of(byte[] file) => new(file);

    private void Section()
    {
        int start = _at;
        string tag = Encoding.ASCII.GetString(_file, _at, 4);
        Fields.Add(new Field(_at + 4, FieldKind.SectionLength));
        _at += 12;
        switch (tag)
        {
            case "INFO":
                Text();
                Text();
                Number(FieldKind.Int32);
                Text();
                List(() => { Text(); Number(FieldKind.Byte); Number(FieldKind.Byte); Number(FieldKind.Byte); });
                Number(FieldKind.Byte);
                break;
            case "TENS":
                List(() => { Text(); Number(FieldKind.Int32); Number(FieldKind.Int32); Number(FieldKind.Int32); Number(FieldKind.Float32); });
                break;
            case "INST":
                List(Instruction);
                break;
            case "OUTP":
                List(() => { Text(); Number(FieldKind.Int32); });
                break;
            case "PLAN":
                Number(FieldKind.Int32);
                List(() => Number(FieldKind.Int32));
                break;
            default:
                throw new InvalidOperationException($"There is no section {tag}.");
        }

        Sections.Add((start, _at));
    }

    private void Instruction()
    {
        byte kind = _file[_at];
        Number(FieldKind.Byte);
        Text();
        Number(FieldKind.Int32); // output
        switch (kind)
        {
            case 1:
                Numbers(2 + 8 + 1 + 2 + 1); // input, residual, the window's two axes, groups, both ends of the clamp, requantization
                Number(FieldKind.Float32);
                int weights = Number(FieldKind.Int32);
                _at += weights;
                List(() => Number(FieldKind.Int32));
                List(() => Number(FieldKind.Float32));
                break;
            case 2:
                Numbers(4); // input, both factors, nearest
                break;
            case 3:
                Numbers(1);
                break;
            case 4 or 5:
                Numbers(1 + 8);
                break;
            case 6:
                List(() => Number(FieldKind.Int32));
                break;
            default:
                throw new InvalidOperationException($"There is no instruction of kind {kind}.");
        }
    }

    private void Numbers(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Number(FieldKind.Int32);
        }
    }

    private void List(Action element)
    {
        int countAt = _at, count = Number(FieldKind.Int32);
        var bounds = new List<int> { _at };
        for (int i = 0; i < count; i++)
        {
            element();
            bounds.Add(_at);
        }

        Lists.Add(new ElementList(countAt, Sections.Count, bounds));
    }

    private void Text()
    {
        Fields.Add(new Field(_at, FieldKind.TextLength));
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(_at));
        TextBytes.AddRange(Enumerable.Range(_at + 2, length));
        _at += 2 + length;
    }

    private int Number(FieldKind kind)
    {
        var field = new Field(_at, kind);
        Fields.Add(field);
        _at += field.Size;
        return kind == FieldKind.Int32 ? BinaryPrimitives.ReadInt32LittleEndian(_file.AsSpan(field.At)) : 0;
    }
}
