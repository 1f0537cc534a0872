using System.Globalization;
using System.Security.Cryptography;
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
    private readonly LabelEncoding _encoding;
    private readonly ImageCodec _codec;
    private readonly PackSize? _size;
    private readonly LabelStatistics _statistics;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<string> _names = [];
    private readonly List<uint> _checksums = [];

    /// <summary>Starts a pack.</summary>
    /// <param name="path">The folder that the pack will be.</param>
    /// <param name="encoding">What the stored label values mean; default: raw Cityscapes label ids.</param>
    /// <param name="codec">How the records' images are stored, for the manifest.</param>
    /// <param name="size">The size to which the samples were made, for the manifest; null: their own.</param>
    /// <exception cref="BadFileException">The folder cannot be written.</exception>
    public LmdbPackWriter(string path, LabelEncoding? encoding = null, ImageCodec codec = ImageCodec.Png, PackSize? size = null)
        : this(path, encoding ?? LabelEncoding.Cityscapes, codec, size, CreateFile)
    {
    }

    internal LmdbPackWriter(string path, LabelEncoding encoding, ImageCodec codec, PackSize? size, Func<string, Stream> createFile)
    {
        (_encoding, _codec, _size, _statistics) = (encoding, codec, size, new LabelStatistics(encoding.Classes.Count));
        _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string parent = Path.GetDirectoryName(_path) ?? throw new BadFileException($"{path} cannot be a pack; give a folder below the root.");
        string prefix = $".{Path.GetFileName(_path)}.";
        _beside = Path.Combine(parent, $"{prefix}{Guid.NewGuid():N}.tmp");
        try
        {
            _file = OnDisk(() =>
            {
                Directory.CreateDirectory(parent);
                DeadRuns.Remove(parent, prefix, LmdbStore.DataFile);
                Directory.CreateDirectory(_beside);
                return new LmdbFileWriter(createFile(Path.Combine(_beside, LmdbStore.DataFile)));
            });
        }
        catch
        {
            RemoveBeside();
            throw;
        }
    }

    /// <summary>Number of records so far.</summary>
    public int Count => _names.Count;

    /// <summary>Bytes written so far.</summary>
    public long Length => _file.Length;

    /// <summary>Appends a record, whose key is its index.</summary>
    /// <param name="record">The bytes, as <see cref="SampleRecord.Encode"/> makes them; their labels are counted.</param>
    /// <param name="name">The sample's name, stored in the metadata.</param>
    /// <exception cref="BadFileException">The bytes are no record, the disk is full or the folder cannot be written.</exception>
    public void Add(ReadOnlyMemory<byte> record, string name)
    {
        byte[] key = Encoding.ASCII.GetBytes(Count.ToString(CultureInfo.InvariantCulture));
        _statistics.Add(SampleRecord.Split(record, name).Label.Span, _encoding.Remap);
        _hash.AppendData(record.Span);
        OnDisk(() =>
        {
            _file.Put(key, record.Span);
            return 0;
        });
        _names.Add(name);
        _checksums.Add(Crc32C.Of(record.Span));
    }

    /// <summary>Writes the count and the metadata and moves the pack to its place, replacing an older one.</summary>
    /// <returns>What the pack says about its content.</returns>
    /// <exception cref="BadFileException">The disk is full or the folder cannot be written.</exception>
    public PackManifest Complete()
    {
        string tool = $"tessera {typeof(LmdbPackWriter).Assembly.GetName().Version?.ToString(3)}";
        var manifest = new PackManifest(_encoding.Classes, _encoding.Remap, _codec, _size, _statistics, Convert.ToHexStringLower(_hash.GetHashAndReset())) { RecordChecksums = [.. _checksums] };
        var metadata = new PackMetadata(tool, _encoding.StoredName, _names) { Manifest = manifest };
        return OnDisk(() =>
        {
            _file.Put(Encoding.ASCII.GetBytes(LmdbStore.CountKey), Encoding.ASCII.GetBytes(Count.ToString(CultureInfo.InvariantCulture)));
            _file.Put(Encoding.ASCII.GetBytes(PackMetadata.Key), metadata.Serialize());
            _file.Complete();
            _file.Dispose();
            MoveIntoPlace();
            return manifest;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
        RemoveBeside();
    }

    /// <summary>A new data file on the disk.</summary>
    internal static Stream CreateFile(string path) => LmdbFileWriter.Create(path);

    private void MoveIntoPlace()
    {
        // HAT takes a folder for a pack when it holds both files; LMDB fills an empty lock file itself.
        File.Create(Path.Combine(_beside, LmdbStore.LockFile)).Dispose();
        if (!Directory.Exists(_path))
        {
            Directory.Move(_beside, _path);
            return;
        }

        // A folder cannot replace a folder in one step, but a file can; readers of the old pack keep their open file.
        if (!File.Exists(Path.Combine(_path, LmdbStore.LockFile)))
        {
            File.Move(Path.Combine(_beside, LmdbStore.LockFile), Path.Combine(_path, LmdbStore.LockFile));
        }

        File.Move(Path.Combine(_beside, LmdbStore.DataFile), Path.Combine(_path, LmdbStore.DataFile), overwrite: true);
    }

    private void RemoveBeside()
    {
        if (Directory.Exists(_beside))
        {
            Directory.Delete(_beside, recursive: true);
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
