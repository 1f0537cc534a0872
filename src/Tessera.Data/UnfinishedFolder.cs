using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// A folder of files that is built beside its place and moved there at the end. Dispose without <see cref="Complete"/> removes it.
/// </summary>
/// <remarks>
/// It grows in <c>.tessera.{random}.tmp/data</c>, beside a file that stays locked while its writer lives. The next run for a place in the
/// same folder removes such folders when nobody holds the lock: what a killed run left behind.
/// </remarks>
internal sealed class UnfinishedFolder : IDisposable
{
    private readonly DiskCalls _disk;
    private readonly FileStream _lock;

    /// <summary>Starts a folder.</summary>
    /// <param name="path">Its final place; a link is followed.</param>
    /// <param name="disk">The system's calls.</param>
    /// <exception cref="BadFileException">The place cannot be written.</exception>
    public UnfinishedFolder(string path, DiskCalls disk)
    {
        _disk = disk;
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        Path = System.IO.Path.TrimEndingDirectorySeparator(OnDisk(full, () => WriteTarget.Resolve(full)));
        string parent = System.IO.Path.GetDirectoryName(Path) ?? throw new BadFileException($"{path} cannot be written as a whole; name a folder below it.");
        if (File.Exists(Path))
        {
            throw new BadFileException($"{Path} is a file; a folder is written there. Choose another name or remove it.");
        }

        (Beside, _lock) = OnDisk(Path, () =>
        {
            _disk.CreateFolder(parent);
            LeftBehind = DeadRuns.Remove(parent);
            return Lock(parent);
        });
        try
        {
            OnDisk(() => Directory.CreateDirectory(Data));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The final place.</summary>
    public string Path { get; }

    /// <summary>Where it grows.</summary>
    public string Data => System.IO.Path.Combine(Beside, "data");

    /// <summary>Unfinished folders beside it that nobody is known to write and that could not be removed.</summary>
    public IReadOnlyList<string> LeftBehind { get; private set; } = [];

    private string Beside { get; }

    /// <summary>Adds a file and waits for the disk; safe from several threads.</summary>
    /// <param name="relative">Its path below the folder.</param>
    /// <param name="content">The whole content.</param>
    /// <exception cref="BadFileException">The disk is full or fails, or the folder cannot be written.</exception>
    public void Add(string relative, ReadOnlyMemory<byte> content) => OnDisk(() =>
    {
        string file = System.IO.Path.Combine(Data, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        using FileStream stream = _disk.Create(file, isPrivate: false);
        stream.Write(content.Span);
        _disk.Flush(stream);
        _disk.Close(stream);
        return 0;
    });

    /// <summary>Moves the folder to its place, where there is nothing or an empty folder, and returns its path.</summary>
    /// <exception cref="BadFileException">Something has appeared at its place, or it cannot be written.</exception>
    public string Complete() => OnDisk(() =>
    {
        foreach (string folder in Directory.EnumerateDirectories(Data, "*", SearchOption.AllDirectories).Append(Data))
        {
            _disk.FlushFolder(folder);
        }

        if (Directory.Exists(Path))
        {
            // Fails where it is not empty any more.
            Directory.Delete(Path);
        }

        Replacement.Put(Data, Path, _disk);
        return Path;
    });

    /// <summary>Runs something that writes below this folder, and turns its faults into one message.</summary>
    /// <exception cref="BadFileException">It failed.</exception>
    public T OnDisk<T>(Func<T> action) => OnDisk(Path, action, message => message.Replace(Data, Path, StringComparison.Ordinal).Replace(Beside, Path, StringComparison.Ordinal));

    /// <inheritdoc/>
    /// <remarks>It never throws: it often runs because of another fault, which is the one to report, and the next run removes a rest.</remarks>
    public void Dispose()
    {
        try
        {
            DeadRuns.RemoveBelow(Beside);
            _lock.Dispose();
            Directory.Delete(Beside, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _lock.Dispose(); // what is left is a left-over, by the rule above
        }
    }

    private (string Folder, FileStream Lock) Lock(string parent)
    {
        while (true)
        {
            string folder = LeftOvers.NewPath(parent), file = System.IO.Path.Combine(folder, DeadRuns.LockName);
            Directory.CreateDirectory(folder);
            try
            {
                FileStream stream = _disk.Create(file, isPrivate: false);
                if (File.Exists(file))
                {
                    return (folder, stream);
                }

                stream.Dispose();
            }
            catch (IOException) when (!Directory.Exists(folder))
            {
                // Another run took the folder, still without a lock, for a left-over.
            }
            catch
            {
                LeftOvers.TryDelete(folder);
                throw;
            }
        }
    }

    private static T OnDisk<T>(string path, Func<T> action, Func<string, string>? reword = null)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string reason = reword is null ? LeftOvers.HideName(fault.Message, System.IO.Path.GetDirectoryName(path) ?? path, path) : reword(fault.Message);
            throw new BadFileException(
                $"Cannot write {path}: {reason} Free some space, mend the rights of its folder or choose another folder; what was there before has not changed.", fault);
        }
    }
}
