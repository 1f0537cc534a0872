using System.Buffers.Binary;

namespace Tessera.Data;

/// <summary>Walks the chunks of a PNG file (PNG specification, section 5.3) to IEND, or to where the file breaks off.</summary>
internal ref struct PngChunks(ReadOnlySpan<byte> file)
{
    private const int SignatureLength = 8;
    private const int Frame = 12;

    private readonly ReadOnlySpan<byte> _file = file;
    private int _next = SignatureLength;

    /// <summary>Where the chunk begins.</summary>
    public int Start { get; private set; }

    /// <summary>The chunk's length with its frame of length, type and checksum.</summary>
    public int Length { get; private set; }

    /// <summary>Whether IEND was reached.</summary>
    public bool Ended { get; private set; }

    /// <summary>Four letters; an upper-case first one says that decoding needs the chunk.</summary>
    public readonly ReadOnlySpan<byte> Type => _file.Slice(Start + 4, 4);

    public readonly ReadOnlySpan<byte> Content => _file.Slice(Start + 8, Length - Frame);

    public readonly bool IsCritical => char.IsAsciiLetterUpper((char)Type[0]);

    public readonly bool ChecksumIsRight => Crc32.Of(_file.Slice(Start + 4, Length - 8)) == BinaryPrimitives.ReadUInt32BigEndian(_file[(Start + Length - 4)..]);

    /// <summary>Goes to the next chunk; false behind IEND and where none is whole.</summary>
    public bool MoveNext()
    {
        if (Ended || _next + Frame > _file.Length || BinaryPrimitives.ReadUInt32BigEndian(_file[_next..]) > (uint)(_file.Length - _next - Frame))
        {
            return false;
        }

        (Start, Length) = (_next, BinaryPrimitives.ReadInt32BigEndian(_file[_next..]) + Frame);
        _next += Length;
        Ended = Type.SequenceEqual("IEND"u8);
        return true;
    }
}
