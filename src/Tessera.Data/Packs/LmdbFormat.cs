namespace Tessera.Data;

/// <summary>
/// The numbers of LMDB's file format, data version 1 (LMDB 0.9, 64-bit, little-endian), as mdb.c lays out its pages.
/// Why it is read and written here instead of by a native library: docs/decisions/0003-lmdb-format.md.
/// </summary>
/// <remarks>
/// A page starts with a 16-byte header: page number (8 bytes), padding (2), flags (2), then the end of the pointer array and the start of
/// the nodes (2 + 2), or for an overflow run its page count (4). A node is: low and high half of the data size (2 + 2; in a branch the
/// low 32 bits of the child's page number), flags (2; in a branch the high 16 bits), key length (2), key, data. Data too large for a
/// page is an overflow run whose first page number stands in the node.
/// </remarks>
internal static class LmdbFormat
{
    public const uint Magic = 0xBEEFC0DE;
    public const uint DataVersion = 1;
    public const int PageSize = 4096;
    public const int PageHeader = 16;
    public const int NodeHeader = 8;
    public const int MaxKey = 511;

    public const ushort BranchPage = 1;
    public const ushort LeafPage = 2;
    public const ushort OverflowPage = 4;
    public const ushort MetaPage = 8;
    public const ushort BigDataNode = 1;

    /// <summary>The free list's key kind (MDB_INTEGERKEY), which LMDB always stores for it.</summary>
    public const ushort FreeListFlags = 8;

    /// <summary>The root of an empty tree.</summary>
    public const ulong NoPage = ulong.MaxValue;

    /// <summary>The largest node that stays in its page, so that every page holds at least two: LMDB's me_nodemax.</summary>
    public const int MaxNode = (((PageSize - PageHeader) / 2) & ~1) - 2;

    // Offsets within a meta page, after its page header.
    public const int MetaMagic = PageHeader;
    public const int MetaVersion = PageHeader + 4;
    public const int MetaMapSize = PageHeader + 16;
    public const int MetaFreeTree = PageHeader + 24;
    public const int MetaMainTree = PageHeader + 72;
    public const int MetaLastPage = PageHeader + 120;
    public const int MetaTransaction = PageHeader + 128;
    public const int MetaLength = PageHeader + 136;

    // Offsets within a tree's description (MDB_db).
    public const int TreePad = 0;
    public const int TreeFlags = 4;
    public const int TreeDepth = 6;
    public const int TreeBranchPages = 8;
    public const int TreeLeafPages = 16;
    public const int TreeOverflowPages = 24;
    public const int TreeEntries = 32;
    public const int TreeRoot = 40;

    /// <summary>The pages that an overflow run of so many data bytes takes.</summary>
    public static long OverflowPages(long dataLength, int pageSize) => ((PageHeader - 1 + dataLength) / pageSize) + 1;
}
