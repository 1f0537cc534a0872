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
internal ref struct ArtefactCursor(ReadOnlySpan<byte> bytes, string section) : IInstructionFields
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

    /// <inheritdoc/>
    public int Tensor(string key, int value) => Int32();

    /// <inheritdoc/>
    public int? OptionalTensor(string key, int? value)
    {
        uint tensor = UInt32();
        return tensor == ArtefactFormat.NoTensor ? null : (int)Math.Min(tensor, int.MaxValue);
    }

    /// <inheritdoc/>
    public ImmutableArray<int> Tensors(string key, ImmutableArray<int> values) => Numbers(key, values);

    /// <inheritdoc/>
    public (ConvAxis Rows, ConvAxis Columns) Window(ConvAxis rows, ConvAxis columns) => (Axis(), Axis());

    /// <inheritdoc/>
    public int Number(string key, int value) => Int32();

    /// <inheritdoc/>
    public Requantization Requantization(string key, Requantization value) => (Requantization)Int32();

    /// <inheritdoc/>
    public float Factor(string key, float value) => Single();

    /// <inheritdoc/>
    public ImmutableArray<sbyte> Bytes(string key, ImmutableArray<sbyte> values) => [.. MemoryMarshal.Cast<byte, sbyte>(Take(Count(sizeof(sbyte))))];

    /// <inheritdoc/>
    public ImmutableArray<int> Numbers(string key, ImmutableArray<int> values)
    {
        var read = new int[Count(sizeof(int))];
        for (int i = 0; i < read.Length; i++)
        {
            read[i] = Int32();
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(read);
    }

    /// <inheritdoc/>
    public ImmutableArray<float> Factors(string key, ImmutableArray<float> values)
    {
        var read = new float[Count(sizeof(float))];
        for (int i = 0; i < read.Length; i++)
        {
            read[i] = Single();
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(read);
    }

    /// <summary>The fault of this section.</summary>
    public readonly BadFileException Fault(string problem) => new($"section {section} is not valid: {problem}");

    private ConvAxis Axis() => new(Int32(), Int32(), Int32(), Int32());
}
