using System.Globalization;
using System.Text;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// A pack, opened for reading: an LMDB folder or single file with records under "0", "1", … and their number under "__len__", as HAT writes it.
/// Nothing is locked and values stay on disk until they are asked for. Reading is safe from several threads at once.
/// </summary>
public sealed class LmdbStore : IDisposable
{
    internal const string DataFile = "data.mdb";
    internal const string LockFile = "lock.mdb";
    internal const string CountKey = "__len__";

    private readonly LmdbFileReader _file;
    private readonly string _dataFile;
    private readonly string[] _keys;

    private LmdbStore(string path, string dataFile, LmdbFileReader file)
    {
        Path = path;
        _dataFile = dataFile;
        _file = file;
        _keys = file.Contains(CountKey) ? CountedKeys() : DecimalKeys();
        if (_keys.Length == 0)
        {
            throw new BadFileException($"The pack {path} holds no records. Pack the data again.");
        }

        byte[] buffer = [];
        if (file.Contains(PackMetadata.Key))
        {
            int length = file.Read(PackMetadata.Key, ref buffer);
            Metadata = PackMetadata.Deserialize(buffer.AsMemory(0, length), path);
            if (Metadata.Names.Count != _keys.Length)
            {
                throw new BadFileException($"The pack {path} holds {_keys.Length} records but names {Metadata.Names.Count}. Pack the data again.");
            }
        }
    }

    /// <summary>The folder or file of the pack.</summary>
    public string Path { get; }

    /// <summary>Number of records, at least 1.</summary>
    public int Count => _keys.Length;

    /// <summary>What Tessera stored beside the records; null in packs of other tools.</summary>
    public PackMetadata? Metadata { get; }

    /// <summary>Opens a pack.</summary>
    /// <param name="path">The folder that holds data.mdb, or the data file itself, as LMDB makes it without a folder (MDB_NOSUBDIR, <c>subdir=False</c>).</param>
    /// <exception cref="BadFileException">The pack is missing, truncated, damaged, empty, incomplete or of another kind.</exception>
    public static LmdbStore Open(string path)
    {
        string dataFile = Directory.Exists(path) || !System.IO.Path.Exists(path) ? System.IO.Path.Combine(path, DataFile) : path;
        if (Directory.Exists(path) && !System.IO.Path.Exists(dataFile))
        {
            throw new BadFileException($"The folder {path} holds no {DataFile}, so it is no pack. {Packs(path)}");
        }

        var file = new LmdbFileReader(dataFile);
        try
        {
            return new LmdbStore(path, dataFile, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The name of a record: the sample's where the pack stores names, else its index.</summary>
    public string Name(int index) => Metadata?.Names[index] ?? _keys[index];

    /// <summary>The bytes of a record.</summary>
    /// <exception cref="BadFileException">The file cannot be read any more.</exception>
    public byte[] GetRecord(int index)
    {
        byte[] buffer = [];
        ReadRecord(index, ref buffer);
        return buffer;
    }

    /// <summary>Reads a record to the start of a buffer, which grows where it is too small; returns the record's length.</summary>
    /// <exception cref="BadFileException">The file cannot be read any more.</exception>
    public int ReadRecord(int index, ref byte[] buffer) => _file.Read(_keys[index], ref buffer);

    /// <summary>What to call a record in messages.</summary>
    internal string Describe(int index) =>
        Metadata is null ? $"record {_keys[index]} of {Path}" : $"record {_keys[index]} ({Name(index)}) of {Path}";

    /// <summary>Checks that the pack is still where it was opened. An open file outlives its name, so reading alone would not tell.</summary>
    /// <exception cref="BadFileException">The pack was deleted or moved away.</exception>
    public void CheckPresent()
    {
        if (!File.Exists(_dataFile))
        {
            throw new BadFileException($"The pack {Path} was deleted or moved while it was in use. Put it back or pack the data again, then resume from the last checkpoint.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>What to give instead of a folder that is no pack.</summary>
    private static string Packs(string folder)
    {
        try
        {
            string[] packs = [.. Directory.EnumerateDirectories(folder).Where(below => File.Exists(System.IO.Path.Combine(below, DataFile))).Order(StringComparer.Ordinal).Take(4)];
            return packs.Length > 0 ? $"Give one of the packs in it: {string.Join(", ", packs)}." : "Make it with 'tessera pack'.";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "Make it with 'tessera pack'.";
        }
    }

    private string[] CountedKeys()
    {
        byte[] buffer = [];
        int length = _file.Read(CountKey, ref buffer);
        string text = Encoding.Latin1.GetString(buffer, 0, length);
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count > _file.Count)
        {
            throw new BadFileException($"The pack {Path} says that it holds '{text}' records; it has {_file.Count} entries. Pack the data again.");
        }

        var keys = new string[count];
        for (int i = 0; i < count; i++)
        {
            keys[i] = i.ToString(CultureInfo.InvariantCulture);
            if (!_file.Contains(keys[i]))
            {
                throw new BadFileException($"The pack {Path} says that it holds {count} records but lacks record {i}. Pack the data again.");
            }
        }

        return keys;
    }

    /// <summary>Without a count every decimal key is a record, by number.</summary>
    private string[] DecimalKeys() =>
        [.. _file.Keys.Where(key => key.All(char.IsAsciiDigit)).OrderBy(key => key.Length).ThenBy(key => key, StringComparer.Ordinal)];
}
