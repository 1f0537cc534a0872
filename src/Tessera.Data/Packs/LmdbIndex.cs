using System.Buffers.Binary;
using System.Text;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>
/// Where each value of an LMDB file lies. Every number that comes from the file is checked, and no page is visited twice: whatever the file
/// says, reading it takes no more time and memory than its size allows.
/// </summary>
internal sealed class LmdbIndex
{
    // LMDB's own limit (CURSOR_STACK); a deeper tree is a damaged one.
    private const int MaxDepth = 32;

    // Enough to recognise a name by.
    private const int MostNamesTold = 8;

    private readonly LmdbPages _pages;
    private readonly HashSet<ulong> _visited = [];
    private readonly Dictionary<string, Location> _locations = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, LmdbTree> _named = new(StringComparer.Ordinal);
    private long _unvisited;

    /// <summary>Reads the index of a file's records: those of its main tree or, where that holds nothing else, of its only named one.</summary>
    /// <exception cref="Tessera.Core.BadFileException">The file is damaged, or its trees are none of a pack; the message says what they are.</exception>
    public LmdbIndex(LmdbPages pages, LmdbTree main)
    {
        _pages = pages;
        _unvisited = pages.LastPage - 1;
        Read(main);
        if (_locations.Count > 0 || _named.Count == 0)
        {
            return;
        }

        if (_named.Count > 1)
        {
            string names = string.Join(", ", _named.Keys.Take(MostNamesTold).Select(Printable)) + (_named.Count > MostNamesTold ? ", …" : "");
            throw new Core.BadFileException(
                $"{pages.Path} keeps its records in {_named.Count} named databases ({names}), and a pack is one database. Copy one of them to a file of its own: mdb_dump -s NAME OLD | sed /^database=/d | mdb_load NEW.");
        }

        LmdbTree only = _named.Values.Single();
        _named.Clear();
        Read(only);
    }

    /// <summary>The values' places by their keys, read as Latin-1 text.</summary>
    public IReadOnlyDictionary<string, Location> Locations => _locations;

    private void Read(LmdbTree tree)
    {
        if (tree.HasIntegerKeys)
        {
            throw new Core.BadFileException($"The keys of {_pages.Path} are binary integers (MDB_INTEGERKEY); those of a pack are decimal text. Pack the data again with 'tessera pack'.");
        }

        ulong entries = tree.Root == NoPage ? 0 : ReadPage(tree.Root, 1);
        if (entries != tree.Entries)
        {
            throw _pages.Damaged($"says that it has {tree.Entries} entries and holds {entries}");
        }
    }

    private ulong ReadPage(ulong number, int depth)
    {
        if (depth > MaxDepth || !_visited.Add(number))
        {
            throw _pages.Damaged($"refers to page {number} in a circle or twice");
        }

        var page = new byte[_pages.PageSize];
        _pages.Read(_pages.Offset(number, 1, "an index page"), page);
        Visit(1);
        bool isLeaf = _pages.CheckHeader(page, number) switch { LeafPage => true, BranchPage => false, _ => throw BadPage(number) };
        int lower = U16(page, PageLower), count = (lower - PageHeader) / 2;
        long room = page.Length - lower;
        if (lower < PageHeader || room < 0)
        {
            throw BadPage(number);
        }

        ulong entries = 0;
        for (int i = 0; i < count; i++)
        {
            int start = U16(page, PageHeader + (2 * i));
            LmdbNode node = start >= lower && start + NodeHeader <= page.Length ? LmdbNode.Of(page, start, isLeaf) : throw BadEntry(number);

            // Entries do not overlap, so that keys take no more memory than the file has bytes.
            room -= node.Size;
            if (room < 0 || start + node.Size > page.Length)
            {
                throw BadEntry(number);
            }

            entries += isLeaf ? 1 : ReadPage(node.Child, depth + 1);
            if (isLeaf)
            {
                Add(page, number, node);
            }
        }

        return entries;
    }

    private void Add(byte[] page, ulong number, LmdbNode node)
    {
        string key = Encoding.Latin1.GetString(page, node.Start + NodeHeader, node.KeyLength);
        switch (node.Flags)
        {
            case RepeatedValuesNode or (RepeatedValuesNode | TreeNode):
                throw new Core.BadFileException($"The key {Printable(key)} of {_pages.Path} has several values (MDB_DUPSORT); each key of a pack has one. Pack the data again with 'tessera pack'.");
            case TreeNode when node.Length == TreeLength:
                _named[key] = LmdbTree.Of(page.AsSpan(node.DataStart));
                return;
            case 0 or BigDataNode when node.Length <= Array.MaxLength:
                break;
            case 0 or BigDataNode:
                throw new Core.BadFileException($"The value of {Printable(key)} in {_pages.Path} says that it has {node.Length} bytes; a record has at most {Array.MaxLength}. Pack the data again with 'tessera pack'.");
            default:
                throw BadEntry(number);
        }

        if (!_locations.TryAdd(key, node.Flags == BigDataNode ? Overflow(page, node, key) : new Location(((long)number * page.Length) + node.DataStart, (int)node.Length, 0)))
        {
            throw _pages.Damaged($"has the key {Printable(key)} twice");
        }
    }

    private Location Overflow(byte[] page, LmdbNode node, string key)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(node.DataStart));
        long count = OverflowPages(node.Length, page.Length);
        long offset = _pages.Offset(first, count, $"the value of {Printable(key)}");
        Visit(count);
        return new Location(offset + PageHeader, (int)node.Length, first);
    }

    /// <summary>Counts pages: values that share pages would ask for more of them than there are.</summary>
    private void Visit(long count)
    {
        _unvisited -= count;
        if (_unvisited < 0)
        {
            throw _pages.Damaged("uses some of its pages more than once");
        }
    }

    private Core.BadFileException BadPage(ulong number) => _pages.Damaged($"has a bad index page {number}");

    private Core.BadFileException BadEntry(ulong number) => _pages.Damaged($"has a bad entry on page {number}");

    private static string Printable(string key) => $"'{string.Concat(key.Take(64).Select(c => char.IsControl(c) ? '?' : c))}'";

    private static ushort U16(byte[] page, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(offset));

    /// <summary>Where a value lies.</summary>
    /// <param name="Offset">Its first byte in the file.</param>
    /// <param name="Length">Its bytes.</param>
    /// <param name="OverflowPage">The first of its own pages; 0 where it lies in an index page.</param>
    internal readonly record struct Location(long Offset, int Length, ulong OverflowPage);
}
