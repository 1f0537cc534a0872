using System.Buffers.Binary;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>An entry of an index page.</summary>
/// <param name="Start">Where it starts in its page.</param>
/// <param name="KeyLength">Bytes of its key.</param>
/// <param name="Flags">In a leaf: what its data are.</param>
/// <param name="Length">In a leaf: bytes of its value.</param>
/// <param name="Child">In a branch: the page below.</param>
/// <param name="Size">Bytes that it takes in its page.</param>
internal readonly record struct LmdbNode(int Start, int KeyLength, int Flags, long Length, ulong Child, long Size)
{
    /// <summary>Where its data start in its page.</summary>
    public int DataStart => Start + NodeHeader + KeyLength;

    /// <summary>Reads an entry whose header lies in the page; the rest need not.</summary>
    public static LmdbNode Of(ReadOnlySpan<byte> page, int start, bool isLeaf)
    {
        ReadOnlySpan<byte> header = page.Slice(start, NodeHeader);
        uint low = BinaryPrimitives.ReadUInt32LittleEndian(header);
        int high = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]), keyLength = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        return isLeaf
            ? new LmdbNode(start, keyLength, high, low, 0, NodeHeader + keyLength + (high == BigDataNode ? sizeof(ulong) : low))
            : new LmdbNode(start, keyLength, 0, 0, low | ((ulong)high << 32), NodeHeader + keyLength);
    }
}
