using System.Buffers.Binary;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>The description of one tree of an LMDB file (MDB_db).</summary>
/// <param name="Flags">How its keys and values are kept.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Root">Its uppermost page; <see cref="NoPage"/> where it is empty.</param>
internal readonly record struct LmdbTree(ushort Flags, ulong Entries, ulong Root)
{
    /// <summary>Reads a description.</summary>
    /// <param name="bytes">At least <see cref="TreeLength"/> of them.</param>
    public static LmdbTree Of(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[TreeFlags..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[TreeEntries..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[TreeRoot..]));

    /// <summary>Whether keys are binary integers of the machine that wrote them.</summary>
    public bool HasIntegerKeys => (Flags & IntegerKeyTree) != 0;

    /// <summary>Whether a key may have several values.</summary>
    public bool MayRepeatKeys => (Flags & RepeatedKeyTree) != 0;
}
