using System.Buffers.Binary;
using Tessera.Core;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>
/// Writes an LMDB data file (format 1) in one pass: large values go to the file as they come, the sorted tree follows at the end.
/// The file is compact, holds one committed transaction, and is valid only once <see cref="Complete"/> has run.
/// </summary>
internal sealed class LmdbFileWriter : IDisposable
{
    private readonly FileStream _file;
    private readonly DiskCalls _disk;
    private readonly List<Entry> _entries = [];
    private ulong _nextPage = 2;
    private long _overflowPages;
    private long _leafPages;
    private long _branchPages;

    /// <summary>Creates the file and keeps it locked against other writers until it is complete or disposed.</summary>
    /// <param name="path">The file, which must not exist.</param>
    /// <param name="disk">The system's calls; default: the real ones.</param>
    /// <exception cref="IOException">The file exists or cannot be created.</exception>
    public LmdbFileWriter(string path, DiskCalls? disk = null)
    {
        _disk = disk ?? DiskCalls.Real;
        _file = _disk.Create(path, isPrivate: false);
        try
        {
            _file.Write(new byte[2 * PageSize]);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Bytes written so far.</summary>
    public long Length => (long)_nextPage * PageSize;

    /// <summary>Adds an entry; keys may come in any order but only once each.</summary>
    /// <param name="key">1 to 511 bytes.</param>
    /// <param name="value">The value; kept in memory where it is small, else written at once.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(key));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, MaxKey, nameof(key));
        if (Even(NodeHeader + key.Length + value.Length) + 2 <= MaxNode)
        {
            _entries.Add(new Entry(key.ToArray(), value.ToArray(), value.Length, 0));
            return;
        }

        long pages = OverflowPages(value.Length, PageSize);
        var header = new byte[PageHeader];
        WritePageHeader(header, OverflowPage);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(OverflowCount), (uint)pages);
        _file.Write(header);
        _file.Write(value);
        _file.Write(new byte[(pages * PageSize) - PageHeader - value.Length]);

        var number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, _nextPage);
        _entries.Add(new Entry(key.ToArray(), number, value.Length, (ushort)BigDataNode));
        _nextPage += (ulong)pages;
        _overflowPages += pages;
    }

    /// <summary>Writes the tree and the meta pages, brings everything to the disk and closes the file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidOperationException">A key was put twice.</exception>
    public void Complete()
    {
        _entries.Sort((a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        for (int i = 1; i < _entries.Count; i++)
        {
            if (_entries[i].Key.AsSpan().SequenceEqual(_entries[i - 1].Key))
            {
                throw new InvalidOperationException($"The key {Convert.ToHexString(_entries[i].Key)} was put twice.");
            }
        }

        ulong root = NoPage;
        int depth = 0;
        List<Entry> level = _entries;
        while (level.Count > 0 && (depth == 0 || level.Count > 1))
        {
            level = WriteLevel(level, depth == 0 ? LeafPage : BranchPage);
            depth++;
            root = _nextPage - 1;
        }

        _file.Position = 0;
        _file.Write(Meta(0, transaction: 0, root: NoPage, depth: 0));
        _file.Write(Meta(1, transaction: 1, root, depth));
        _disk.Flush(_file);
        _disk.Close(_file);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Packs nodes into pages and returns one branch entry per page, with the page's first key.</summary>
    private List<Entry> WriteLevel(List<Entry> nodes, ushort kind)
    {
        var parents = new List<Entry>();
        var page = new byte[PageSize];
        for (int start = 0; start < nodes.Count;)
        {
            Array.Clear(page);
            int lower = PageHeader, upper = PageSize, i = start;
            for (; i < nodes.Count; i++)
            {
                // A branch page's first key is never read; LMDB stores it empty.
                ReadOnlySpan<byte> key = kind == BranchPage && i == start ? [] : nodes[i].Key;
                int size = Even(NodeHeader + key.Length + (kind == LeafPage ? nodes[i].Data.Length : 0));
                if (lower + 2 > upper - size)
                {
                    break;
                }

                upper -= size;
                BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(lower), (ushort)upper);
                lower += 2;
                WriteNode(page.AsSpan(upper), nodes[i], key, kind);
            }

            WritePageHeader(page, kind);
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(PageLower), (ushort)lower);
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(PageUpper), (ushort)upper);
            _file.Write(page);
            parents.Add(new Entry(nodes[start].Key, [], 0, 0) { Child = _nextPage });
            _nextPage++;
            start = i;
            _ = kind == LeafPage ? _leafPages++ : _branchPages++;
        }

        return parents;
    }

    private static void WriteNode(Span<byte> node, Entry entry, ReadOnlySpan<byte> key, ushort kind)
    {
        bool leaf = kind == LeafPage;
        BinaryPrimitives.WriteUInt32LittleEndian(node, leaf ? (uint)entry.Length : (uint)entry.Child);
        BinaryPrimitives.WriteUInt16LittleEndian(node[4..], leaf ? entry.Flags : (ushort)(entry.Child >> 32));
        BinaryPrimitives.WriteUInt16LittleEndian(node[6..], (ushort)key.Length);
        key.CopyTo(node[NodeHeader..]);
        entry.Data.CopyTo(node[(NodeHeader + key.Length)..]);
    }

    private void WritePageHeader(Span<byte> page, ushort flags)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(page, _nextPage);
        BinaryPrimitives.WriteUInt16LittleEndian(page[PageFlags..], flags);
    }

    private byte[] Meta(ulong number, ulong transaction, ulong root, int depth)
    {
        var page = new byte[PageSize];
        BinaryPrimitives.WriteUInt64LittleEndian(page, number);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(PageFlags), MetaPageFlag);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(MetaMagic), Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(MetaVersion), DataVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(MetaMapSize), _nextPage * PageSize);

        Span<byte> free = page.AsSpan(MetaFreeTree), main = page.AsSpan(MetaMainTree);
        BinaryPrimitives.WriteUInt32LittleEndian(free[TreePad..], PageSize);
        BinaryPrimitives.WriteUInt16LittleEndian(free[TreeFlags..], IntegerKeyTree);
        BinaryPrimitives.WriteUInt64LittleEndian(free[TreeRoot..], NoPage);
        BinaryPrimitives.WriteUInt64LittleEndian(main[TreeRoot..], root);
        if (root != NoPage)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(main[TreeDepth..], (ushort)depth);
            BinaryPrimitives.WriteInt64LittleEndian(main[TreeBranchPages..], _branchPages);
            BinaryPrimitives.WriteInt64LittleEndian(main[TreeLeafPages..], _leafPages);
            BinaryPrimitives.WriteInt64LittleEndian(main[TreeOverflowPages..], _overflowPages);
            BinaryPrimitives.WriteInt64LittleEndian(main[TreeEntries..], _entries.Count);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(MetaLastPage), transaction == 0 ? 1 : _nextPage - 1);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(MetaTransaction), transaction);
        return page;
    }

    private static int Even(int size) => (size + 1) & ~1;

    /// <summary>A leaf's entry, or with <see cref="Child"/> a branch's.</summary>
    private sealed record Entry(byte[] Key, byte[] Data, int Length, ushort Flags)
    {
        public ulong Child { get; init; }
    }
}
