using System.Buffers.Binary;
using Tessera.Core;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>
/// Reads an LMDB data file (format 1) without a lock and without the native library. The index of keys is read once; values stay in
/// the file until they are asked for. Reading is safe from several threads at once.
/// </summary>
internal sealed class LmdbFileReader : IDisposable
{
    private readonly LmdbPages _pages;
    private readonly IReadOnlyDictionary<string, LmdbIndex.Location> _index;

    /// <summary>Opens a data file and reads its index.</summary>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, or of another kind or version.</exception>
    public LmdbFileReader(string path)
    {
        _pages = new LmdbPages(path);
        try
        {
            LmdbTree main = LmdbHeader.Read(_pages);
            _index = new LmdbIndex(_pages, main).Locations;
        }
        catch
        {
            _pages.Dispose();
            throw;
        }
    }

    /// <summary>The keys, read as Latin-1 text, in no particular order.</summary>
    public IReadOnlyCollection<string> Keys => [.. _index.Keys];

    /// <summary>The number of keys.</summary>
    public int Count => _index.Count;

    /// <summary>Whether there is a value under a key.</summary>
    public bool Contains(string key) => _index.ContainsKey(key);

    /// <summary>Copies the value of an existing key to the start of <paramref name="buffer"/>, which grows where it is too small.</summary>
    /// <returns>The length of the value.</returns>
    /// <exception cref="BadFileException">The file is damaged, has changed since it was opened, or cannot be read.</exception>
    public int Read(string key, ref byte[] buffer)
    {
        LmdbIndex.Location location = _index[key];
        if (location.OverflowPage != 0)
        {
            CheckOverflow(location);
        }

        if (buffer.Length < location.Length)
        {
            buffer = new byte[location.Length];
        }

        _pages.Read(location.Offset, buffer.AsSpan(0, location.Length));
        return location.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _pages.Dispose();

    /// <summary>
    /// The pages themselves must say that they hold so much, before memory is taken for it. They may hold more: LMDB leaves a value that became
    /// smaller on the pages of the older one.
    /// </summary>
    private void CheckOverflow(LmdbIndex.Location location)
    {
        Span<byte> header = stackalloc byte[PageHeader];
        _pages.Read(location.Offset - PageHeader, header);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[OverflowCount..]);
        if (_pages.CheckHeader(header, location.OverflowPage) != OverflowPage || count < OverflowPages(location.Length, _pages.PageSize))
        {
            throw _pages.Damaged($"has {count} pages at page {location.OverflowPage} for a value of {location.Length} bytes");
        }
    }
}
