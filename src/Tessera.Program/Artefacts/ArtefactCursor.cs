using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>
/// Reads an artefact's content from front to back. Nothing is read before it is known to be there, and no memory is taken for a count
/// that the remaining bytes cannot hold.
/// </summary>
internal ref struct ArtefactCursor(ReadOnlySpan<byte> bytes, string section)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Reads one element of a list.</summary>
    public delegate T ElementReader<out T>(ref ArtefactCursor cursor);

    /// <summary>True when everything was read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>The next bytes.</summary>
    /// <exception cref="BadFileException">There are fewer.</exception>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw Fault($"it needs {count} bytes where {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>An unsigned number.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>A signed number; sizes and indices are checked by the program's verifier.</summary>
    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>A length that is checked when it is taken.</summary>
    public long Length() => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), long.MaxValue);

    /// <summary>A float32, any bits.</summary>
    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    /// <summary>A truth value, stored as 0 or 1.</summary>
    public bool Boolean() => Byte() switch
    {
        0 => false,
        1 => true,
        byte other => throw Fault($"a truth value is {other} instead of 0 or 1"),
    };

    /// <summary>A text: two bytes of length, then UTF-8.</summary>
    public string Text()
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
        if (length > PrintableText.MaxBytes)
        {
            throw Fault($"a text of {length} bytes is longer than {PrintableText.MaxBytes}");
        }

        ReadOnlySpan<byte> bytes = Take(length);
        string text;
        try
        {
            text = StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Fault("a text is not UTF-8");
        }

        return PrintableText.Problem(text) is { } problem ? throw Fault($"the text '{PrintableText.Escape(text)}' {problem}") : text;
    }

    /// <summary>How many elements follow.</summary>
    /// <param name="bytesEach">The least number of bytes that each of them takes.</param>
    public int Count(int bytesEach)
    {
        uint count = UInt32();
        return count <= _rest.Length / bytesEach ? (int)count : throw Fault($"it announces {count} elements, more than its {_rest.Length} remaining bytes can hold");
    }

    /// <summary>A list: its count, then its elements.</summary>
    /// <param name="bytesEach">The least number of bytes that each of them takes.</param>
    /// <param name="most">More elements are refused before any is read.</param>
    /// <param name="read">Reads one.</param>
    public ImmutableArray<T> List<T>(int bytesEach, int most, ElementReader<T> read)
    {
        int count = Count(bytesEach);
        if (count > most)
        {
            throw Fault($"it announces {count} elements, more than {most}");
        }

        ImmutableArray<T>.Builder items = ImmutableArray.CreateBuilder<T>(count);
        for (int i = 0; i < count; i++)
        {
            items.Add(read(ref this));
        }

        return items.MoveToImmutable();
    }

    /// <summary>Int8 values.</summary>
    public ImmutableArray<sbyte> SBytes(int count) => [.. MemoryMarshal.Cast<byte, sbyte>(Take(count))];

    /// <summary>Int32 values.</summary>
    public ImmutableArray<int> Int32s(int count)
    {
        var values = new int[CheckedCount(count)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Int32();
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    /// <summary>Float32 values.</summary>
    public ImmutableArray<float> Singles(int count)
    {
        var values = new float[CheckedCount(count)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Single();
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    /// <summary>The fault of this section.</summary>
    public readonly BadFileException Fault(string problem) => new($"section {section} is not valid: {problem}.");

    private readonly int CheckedCount(int count) =>
        count <= _rest.Length / 4 ? count : throw Fault($"{count} numbers do not fit in its {_rest.Length} remaining bytes");
}
