using System.Globalization;
using System.Text;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Writes a pack beside its final place and moves it there at the end, so that a reader sees the old pack or the new one, never a part.
/// Dispose without <see cref="Complete"/> leaves what was there before.
/// </summary>
/// <remarks>
/// Unfinished work lies in a sibling folder <c>.{name}.{random}.tmp</c> whose data file is locked while its writer lives. The next
/// writer of the same pack removes such folders when nobody holds the lock: what a killed run left behind.
/// </remarks>
public sealed class LmdbPackWriter : IDisposable
{
    private readonly string _path;
    private readonly string _beside;
    private readonly LmdbFileWriter _file;
    private readonly List<string> _names = [];

    /// <summary>Starts a pack.</summary>
    /// <param name="path">The folder that the pack will be.</param>
    /// <exception cref="BadFileException">The folder cannot be written.</exception>
    public LmdbPackWriter(string path)
    {
        _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string parent = Path.GetDirectoryName(_path) ?? throw new BadFileException($"{path} cannot be a pack; give a folder below the root.");
        string prefix = $".{Path.GetFileName(_path)}.";
        _beside = Path.Combine(parent, $"{prefix}{Guid.NewGuid():N}.tmp");
        _file = OnDisk(() =>
        {
            Directory.CreateDirectory(parent);
            RemoveDeadRuns(parent, prefix);
            Directory.CreateDirectory(_beside);
            return new LmdbFileWriter(Path.Combine(_beside, LmdbStore.DataFile));
        });
    }

    /// <summary>Number of records so far.</summary>
    public int Count => _names.Count;

    /// <summary>Bytes written so far.</summary>
    public long Length => _file.Length;

    /// <summary>Appends a record, whose key is its index.</summary>
    /// <param name="record">The bytes, as <see cref="SampleRecord.Encode"/> makes them.</param>
    /// <param name="name">The sample's name, stored in the metadata.</param>
    /// <exception cref="BadFileException">The disk is full or the folder cannot be written.</exception>
    public void Add(ReadOnlyMemory<byte> record, string name)
    {
        byte[] key = Encoding.ASCII.GetBytes(Count.ToString(CultureInfo.InvariantCulture));
        OnDisk(() =>
        {
            _file.Put(key, record.Span);
            return 0;
        });
        _names.Add(name);
    }

    /// <summary>Writes the count and the metadata and moves the pack to its place, replacing an older one.</summary>
    /// <exception cref="BadFileException">The disk is full or the folder cannot be written.</exception>
    public void Complete() => OnDisk(() =>
    {
        string tool = $"tessera {typeof(LmdbPackWriter).Assembly.GetName().Version?.ToString(3)}";
        _file.Put(Encoding.ASCII.GetBytes(LmdbStore.CountKey), Encoding.ASCII.GetBytes(Count.ToString(CultureInfo.InvariantCulture)));
        _file.Put(Encoding.ASCII.GetBytes(PackMetadata.Key), new PackMetadata(tool, PackMetadata.CityscapesLabelIds, _names).Serialize());
        _file.Complete();
        _file.Dispose();

        // HAT takes a folder for a pack when it holds both files; LMDB fills an empty lock file itself.
        File.Create(Path.Combine(_beside, LmdbStore.LockFile)).Dispose();
        if (!Directory.Exists(_path))
        {
            Directory.Move(_beside, _path);
            return 0;
        }

        // A folder cannot replace a folder in one step, but a file can; readers of the old pack keep their open file.
        if (!File.Exists(Path.Combine(_path, LmdbStore.LockFile)))
        {
            File.Move(Path.Combine(_beside, LmdbStore.LockFile), Path.Combine(_path, LmdbStore.LockFile));
        }

        File.Move(Path.Combine(_beside, LmdbStore.DataFile), Path.Combine(_path, LmdbStore.DataFile), overwrite: true);
        return 0;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (Directory.Exists(_beside))
        {
            Directory.Delete(_beside, recursive: true);
        }
    }

    private static void RemoveDeadRuns(string parent, string prefix)
    {
        foreach (string folder in Directory.EnumerateDirectories(parent, $"{prefix}*.tmp"))
        {
            string data = Path.Combine(folder, LmdbStore.DataFile);
            if (!File.Exists(data) || !IsLocked(data))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static bool IsLocked(string path)
    {
        try
        {
            using FileStream probe = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private T OnDisk<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot write the pack {_path}: {fault.Message} Free some space or choose another folder; what was there before has not changed.", fault);
        }
    }
}
