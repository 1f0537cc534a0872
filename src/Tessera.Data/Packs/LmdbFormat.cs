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
    public const ushort MetaPageFlag = 8;

    /// <summary>Marks of a page in memory (P_DIRTY, P_LOOSE, P_KEEP), which LMDB may write and never reads from a file.</summary>
    public const int TransientPageFlags = 0x10 | 0x4000 | 0x8000;

    public const int BigDataNode = 1;
    public const int TreeNode = 2;
    public const int RepeatedValuesNode = 4;

    /// <summary>A tree whose keys may repeat (MDB_DUPSORT).</summary>
    public const ushort RepeatedKeyTree = 4;

    /// <summary>A tree whose keys are binary integers (MDB_INTEGERKEY); LMDB always stores it for the free list.</summary>
    public const ushort IntegerKeyTree = 8;

    // Offsets within a page header.
    public const int PageFlags = 10;
    public const int PageLower = 12;
    public const int PageUpper = 14;
    public const int OverflowCount = 12;

    /// <summary>The root of an empty tree.</summary>
    public const ulong NoPage = ulong.MaxValue;

    /// <summary>The largest node that stays in its page, so that every page holds at least two: LMDB's me_nodemax.</summary>
    public const int MaxNode = (((PageSize - PageHeader) / 2) & ~1) - 2;

    // Where the magic number stands in files of other kinds.
    public const int MagicOf32Bit = 12;
    public const int MagicOfLmdb1 = 24;

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
    public const int TreeLength = 48;

    /// <summary>The pages that an overflow run of so many data bytes takes.</summary>
    public static long OverflowPages(long dataLength, int pageSize) => ((PageHeader - 1 + dataLength) / pageSize) + 1;
}
