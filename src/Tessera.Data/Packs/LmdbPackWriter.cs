using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Writes a pack beside its final place and moves it there at the end, so that a reader sees the old pack or the new one, never a part.
/// Dispose without <see cref="Complete"/> leaves what was there before.
/// </summary>
public sealed class LmdbPackWriter : IDisposable
{
    private readonly UnfinishedFolder _folder;
    private readonly DiskCalls _disk;
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
        : this(path, encoding ?? LabelEncoding.Cityscapes, codec, size, DiskCalls.Real)
    {
    }

    internal LmdbPackWriter(string path, LabelEncoding encoding, ImageCodec codec, PackSize? size, DiskCalls disk)
    {
        (_encoding, _codec, _size, _disk, _statistics) = (encoding, codec, size, disk, new LabelStatistics(encoding.Classes.Count));
        _folder = new UnfinishedFolder(path, disk);
        try
        {
            _file = _folder.OnDisk(() => new LmdbFileWriter(Path.Combine(_folder.Data, LmdbStore.DataFile), disk));
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    /// <summary>Unfinished packs beside this one that nobody is known to write and that could not be removed.</summary>
    public IReadOnlyList<string> LeftBehind => _folder.LeftBehind;

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
        _folder.OnDisk(() =>
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
        return _folder.OnDisk(() =>
        {
            _file.Put(Encoding.ASCII.GetBytes(LmdbStore.CountKey), Encoding.ASCII.GetBytes(Count.ToString(CultureInfo.InvariantCulture)));
            _file.Put(Encoding.ASCII.GetBytes(PackMetadata.Key), metadata.Serialize());
            _file.Complete();
            MoveIntoPlace();
            return manifest;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    private void MoveIntoPlace()
    {
        // HAT takes a folder for a pack when it holds both files; LMDB fills an empty lock file itself.
        _folder.Add(LmdbStore.LockFile, default);
        if (!Directory.Exists(_folder.Path) || !Directory.EnumerateFileSystemEntries(_folder.Path).Any())
        {
            _folder.Complete();
            return;
        }

        // A folder cannot replace a filled folder in one step, but a file can; readers of the old pack keep their open file.
        if (!File.Exists(Path.Combine(_folder.Path, LmdbStore.LockFile)))
        {
            Move(LmdbStore.LockFile);
        }

        Move(LmdbStore.DataFile);
    }

    private void Move(string name)
    {
        string from = Path.Combine(_folder.Data, name), to = Path.Combine(_folder.Path, name);
        FileStatus old = FileStatus.Of(to);
        if (old.Kind == FileKind.Regular)
        {
            using var file = File.OpenHandle(from, FileMode.Open, FileAccess.ReadWrite);
            old.GiveTo(file);
        }

        Replacement.Put(from, to, _disk);
    }
}
