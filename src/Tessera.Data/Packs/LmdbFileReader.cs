using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tessera.Core;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>
/// Reads an LMDB data file (format 1) without a lock and without the native library. The index of keys is read once; values stay in
/// the file until they are asked for. Reading is safe from several threads at once.
/// </summary>
/// <remarks>
/// Values are read with positioned reads instead of a mapping: a file that shrinks or vanishes while it is read gives an error
/// instead of a bus fault that ends the process. Every offset that comes from the file is checked.
/// </remarks>
internal sealed class LmdbFileReader : IDisposable
{
    // LMDB's own limit (CURSOR_STACK); a deeper tree is a damaged one.
    private const int MaxDepth = 32;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly long _length;
    private readonly int _pageSize;
    private readonly Dictionary<string, Location> _index = new(StringComparer.Ordinal);

    /// <summary>Opens a data file and reads its index.</summary>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, or of another kind or version.</exception>
    public LmdbFileReader(string path)
    {
        _path = path;
        try
        {
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot open the pack {path}: {fault.Message} Make it with 'tessera pack'.", fault);
        }

        try
        {
            _length = RandomAccess.GetLength(_file);
            (_pageSize, ulong root, long lastPage) = ReadMeta();
            if ((lastPage + 1) * _pageSize > _length)
            {
                throw new BadFileException($"The pack {path} is truncated: it has {_length} bytes of {(lastPage + 1) * _pageSize}. Copy or make it again.");
            }

            if (root != NoPage)
            {
                ReadTree(root, 1);
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The keys, read as Latin-1 text, in no particular order.</summary>
    public IReadOnlyCollection<string> Keys => _index.Keys;

    /// <summary>Whether there is a value under a key.</summary>
    public bool Contains(string key) => _index.ContainsKey(key);

    /// <summary>Copies the value of an existing key to the start of <paramref name="buffer"/>, which grows where it is too small.</summary>
    /// <returns>The length of the value.</returns>
    /// <exception cref="BadFileException">The file has changed since it was opened, or cannot be read.</exception>
    public int Read(string key, ref byte[] buffer)
    {
        Location location = _index[key];
        if (buffer.Length < location.Length)
        {
            buffer = new byte[location.Length];
        }

        ReadExactly(location.Offset, buffer.AsSpan(0, location.Length));
        return location.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private (int PageSize, ulong Root, long LastPage) ReadMeta()
    {
        var page = new byte[MetaLength];
        int pageSize = ReadMetaPage(0, page);
        ulong transaction = U64(page, MetaTransaction);
        var second = new byte[MetaLength];
        ReadMetaPage(pageSize, second);

        // LMDB writes its two meta pages in turn; the later transaction is the valid one.
        if (U64(second, MetaTransaction) > transaction)
        {
            page = second;
        }

        if (U16(page, MetaMainTree + TreeFlags) != 0)
        {
            throw Damaged("uses key or duplicate options that no image pack has");
        }

        long lastPage = (long)U64(page, MetaLastPage);
        if (lastPage < 1 || lastPage > long.MaxValue / pageSize - 1)
        {
            throw Damaged($"says that its last page is {lastPage}");
        }

        return (pageSize, U64(page, MetaMainTree + TreeRoot), lastPage);
    }

    private int ReadMetaPage(long offset, byte[] page)
    {
        if (_length < offset + page.Length)
        {
            throw new BadFileException($"{_path} is no LMDB data file or is truncated: it has {_length} bytes. Make the pack again with 'tessera pack'.");
        }

        ReadExactly(offset, page);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(MetaMagic)), version = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(MetaVersion));

        // LMDB 1.0 moved its header's fields, so that its magic number stands elsewhere too.
        if (magic != Magic && page.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xDE, 0xC0, 0xEF, 0xBE]) >= 0)
        {
            throw new BadFileException($"{_path} was written by LMDB 1.0, whose file format differs from LMDB 0.9 that packs use. Export it with mdb_dump of LMDB 1.0 and load it with mdb_load of LMDB 0.9, or pack again.");
        }

        if (magic != Magic)
        {
            throw new BadFileException($"{_path} is no LMDB data file (its magic number is 0x{magic:X8}). Make the pack with 'tessera pack'.");
        }

        uint pageSize = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(MetaFreeTree + TreePad));
        if (version != DataVersion || pageSize is < 256 or > 65536 || !uint.IsPow2(pageSize))
        {
            throw new BadFileException($"{_path} has LMDB data version {version} and page size {pageSize}; packs are version {DataVersion}, written on a 64-bit little-endian machine. Pack again.");
        }

        return (int)pageSize;
    }

    private void ReadTree(ulong number, int depth)
    {
        var page = new byte[_pageSize];
        ReadExactly(PageOffset(number), page);
        int flags = U16(page, 10), lower = U16(page, 12), count = (lower - PageHeader) / 2;
        if (depth > MaxDepth || lower < PageHeader || lower > _pageSize || flags is not (BranchPage or LeafPage))
        {
            throw Damaged($"has a bad index page {number}");
        }

        for (int i = 0; i < count; i++)
        {
            int node = U16(page, PageHeader + (2 * i));
            int keyLength = node + NodeHeader <= _pageSize ? U16(page, node + 6) : int.MaxValue / 2;
            int dataStart = node + NodeHeader + keyLength;
            if (dataStart > _pageSize)
            {
                throw Damaged($"has a bad entry on page {number}");
            }

            uint low = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(node));
            if (flags == BranchPage)
            {
                ReadTree(low | ((ulong)U16(page, node + 4) << 32), depth + 1);
            }
            else
            {
                string key = Encoding.Latin1.GetString(page, node + NodeHeader, keyLength);
                _index[key] = Locate(page, PageOffset(number), node, dataStart, low, key);
            }
        }
    }

    private Location Locate(byte[] page, long pageOffset, int node, int dataStart, uint length, string key)
    {
        int flags = U16(page, node + 4);
        bool big = flags == BigDataNode;
        if ((!big && flags != 0) || length > Array.MaxLength || dataStart + (big ? sizeof(ulong) : (long)length) > _pageSize)
        {
            throw Damaged($"has a bad entry for the key '{key}'");
        }

        long offset = big ? PageOffset(U64(page, dataStart)) + PageHeader : pageOffset + dataStart;
        return offset + length <= _length ? new Location(offset, (int)length) : throw Damaged($"has a record '{key}' beyond its end");
    }

    private long PageOffset(ulong number) =>
        number < (ulong)(_length / _pageSize) ? (long)number * _pageSize : throw Damaged($"refers to page {number}, which it does not have");

    private void ReadExactly(long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_file, target, offset);
            }
            catch (IOException fault)
            {
                throw new BadFileException($"Cannot read the pack {_path} at byte {offset}: {fault.Message}", fault);
            }

            if (read == 0)
            {
                throw new BadFileException($"The pack {_path} ended at byte {offset}: it was cut after it had been opened. Copy or make it again.");
            }

            target = target[read..];
            offset += read;
        }
    }

    private BadFileException Damaged(string what) => new($"The pack {_path} is damaged: it {what}. Copy or make it again.");

    private static ushort U16(byte[] page, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(offset));

    private static ulong U64(byte[] page, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(offset));

    private readonly record struct Location(long Offset, int Length);
}
