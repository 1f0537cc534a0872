using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// A folder of files that is built beside its place and moved there at the end. Dispose without <see cref="Complete"/> removes it.
/// </summary>
/// <remarks>
/// It grows in <c>.{name}.{random}.tmp/data</c>, beside a file that stays locked while its writer lives. The next run for the same
/// place removes such folders when nobody holds the lock: what a killed run left behind.
/// </remarks>
internal sealed class UnfinishedFolder : IDisposable
{
    private const string LockName = "lock";

    private readonly string _path;
    private readonly string _beside;
    private readonly FileStream _lock;

    /// <summary>Starts a folder.</summary>
    /// <exception cref="UsageException">There is something at its place already.</exception>
    /// <exception cref="BadFileException">The place cannot be written.</exception>
    public UnfinishedFolder(string path)
    {
        if (path.Length == 0)
        {
            throw new UsageException("No target folder was given; name one that does not exist yet.");
        }

        _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string parent = Path.GetDirectoryName(_path) ?? throw new UsageException($"The target {path} cannot be written as a whole; name a folder below it.");
        if (File.Exists(_path) || (Directory.Exists(_path) && Directory.EnumerateFileSystemEntries(_path).Any()))
        {
            throw new UsageException($"The target {_path} already holds data, which is never overwritten; choose another folder or remove it.");
        }

        string prefix = $".{Path.GetFileName(_path)}.";
        _beside = Path.Combine(parent, $"{prefix}{Guid.NewGuid():N}.tmp");
        _lock = OnDisk(() =>
        {
            Directory.CreateDirectory(parent);
            DeadRuns.Remove(parent, prefix, LockName);
            Directory.CreateDirectory(Data);
            return new FileStream(Path.Combine(_beside, LockName), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        });
    }

    /// <summary>Where it grows.</summary>
    public string Data => Path.Combine(_beside, "data");

    /// <summary>Adds a file; safe from several threads.</summary>
    /// <param name="relative">Its path below the folder.</param>
    /// <param name="content">The whole content.</param>
    /// <exception cref="BadFileException">The disk is full or the folder cannot be written.</exception>
    public void Add(string relative, byte[] content) => OnDisk(() =>
    {
        string file = Path.Combine(Data, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        return 0;
    });

    /// <summary>Moves the folder to its place and returns its path.</summary>
    /// <exception cref="BadFileException">Something has appeared at its place, or it cannot be written.</exception>
    public string Complete() => OnDisk(() =>
    {
        if (Directory.Exists(_path))
        {
            // Fails where it is not empty any more.
            Directory.Delete(_path);
        }

        Directory.Move(Data, _path);
        return _path;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock.Dispose();
        Directory.Delete(_beside, recursive: true);
    }

    private T OnDisk<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot write {_path}: {fault.Message} Free some space or choose another folder; what was there before has not changed.", fault);
        }
    }
}
