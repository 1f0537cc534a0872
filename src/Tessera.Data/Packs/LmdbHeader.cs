using System.Buffers.Binary;
using Tessera.Core;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>The two meta pages at the start of an LMDB file: they tell page size, last page and where the main tree begins.</summary>
internal static class LmdbHeader
{
    // LMDB's own bounds; the page size is that of the memory of the machine that made the file.
    private const int LeastPageSize = 256;
    private const int MostPageSize = 65536;

    /// <summary>Reads the header, sets page size and last page, and returns the main tree of the last transaction.</summary>
    /// <exception cref="BadFileException">The file is of another kind or version, damaged or truncated; the message says which.</exception>
    public static LmdbTree Read(LmdbPages pages)
    {
        byte[] first = MetaPage(pages, 0, "first");
        pages.PageSize = (int)U32(first, MetaFreeTree + TreePad);
        byte[] second = MetaPage(pages, pages.PageSize, "second");
        if (U32(second, MetaFreeTree + TreePad) != pages.PageSize)
        {
            throw pages.Damaged($"has two header pages that tell two page sizes, {pages.PageSize} and {U32(second, MetaFreeTree + TreePad)}");
        }

        // LMDB writes its two meta pages in turn; the later transaction is the valid one.
        byte[] valid = U64(second, MetaTransaction) > U64(first, MetaTransaction) ? second : first;
        ulong lastPage = U64(valid, MetaLastPage);
        if (lastPage < 1 || lastPage > (ulong)(long.MaxValue / pages.PageSize) - 1)
        {
            throw pages.Damaged($"says that its last page is {lastPage}");
        }

        pages.LastPage = (long)lastPage;
        return LmdbTree.Of(valid.AsSpan(MetaMainTree));
    }

    private static byte[] MetaPage(LmdbPages pages, long offset, string which)
    {
        var page = new byte[MetaLength];
        if (pages.Length < offset + page.Length)
        {
            throw new BadFileException(
                $"{pages.Path} is no LMDB data file or is truncated: it has {pages.Length} bytes, fewer than its header. Make the pack again with 'tessera pack'.");
        }

        pages.Read(offset, page);
        if (U32(page, MetaMagic) != Magic || (U16(page, PageFlags) & MetaPageFlag) == 0)
        {
            throw offset == 0 ? OtherKind(pages, page) : pages.Damaged($"has a {which} header page that was written in part, or overwritten");
        }

        uint version = U32(page, MetaVersion), pageSize = U32(page, MetaFreeTree + TreePad);
        if (version != DataVersion)
        {
            throw new BadFileException(
                $"{pages.Path} has LMDB data version {version}; packs have version {DataVersion}, that of LMDB 0.9. Export it with the mdb_dump of the LMDB that wrote it and load it with mdb_load of LMDB 0.9, or pack again.");
        }

        return pageSize is >= LeastPageSize and <= MostPageSize && uint.IsPow2(pageSize)
            ? page
            : throw pages.Damaged($"has a {which} header page with page size {pageSize}, which must be a power of two from {LeastPageSize} to {MostPageSize}");
    }

    /// <summary>What a file is that does not begin as an LMDB 0.9 file of a 64-bit little-endian machine does.</summary>
    private static BadFileException OtherKind(LmdbPages pages, byte[] page)
    {
        const string Convert = "Export it there with mdb_dump and load it here with mdb_load, or pack again.";
        if (U32(page, MagicOf32Bit) == Magic)
        {
            return new BadFileException($"{pages.Path} was written by LMDB on a 32-bit machine; packs are those of 64-bit machines. {Convert}");
        }

        if (U32(page, MagicOfLmdb1) == Magic)
        {
            return new BadFileException(
                $"{pages.Path} was written by LMDB 1.0, whose file format differs from LMDB 0.9 that packs use. Export it with mdb_dump of LMDB 1.0 and load it with mdb_load of LMDB 0.9, or pack again.");
        }

        if (BinaryPrimitives.ReverseEndianness(U32(page, MetaMagic)) == Magic || BinaryPrimitives.ReverseEndianness(U32(page, MagicOf32Bit)) == Magic)
        {
            return new BadFileException($"{pages.Path} was written by LMDB on a big-endian machine; packs are those of little-endian machines. {Convert}");
        }

        for (int size = LeastPageSize; size <= MostPageSize; size *= 2)
        {
            if (pages.Length >= size + MetaLength)
            {
                pages.Read(size, page);
                if (U32(page, MetaMagic) == Magic && U32(page, MetaFreeTree + TreePad) == size)
                {
                    return pages.Damaged("has a first header page that was written in part, or overwritten");
                }
            }
        }

        return new BadFileException($"{pages.Path} is no LMDB data file. Make the pack with 'tessera pack'.");
    }

    private static ushort U16(byte[] page, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(offset));

    private static uint U32(byte[] page, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(offset));

    private static ulong U64(byte[] page, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(offset));
}
