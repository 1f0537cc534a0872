namespace Tessera.Core;

/// <summary>The system's calls on which the promise of whole files rests. Tests let each of them fail in turn.</summary>
internal class DiskCalls
{
    /// <summary>The real ones.</summary>
    public static DiskCalls Real { get; } = new();

    /// <summary>Makes a file, open for writing without a buffer and locked while it is open. Fails where the name exists, be it as a link.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPrivate">True: for this user alone, until told otherwise.</param>
    public virtual FileStream Create(string path, bool isPrivate)
    {
        var options = new FileStreamOptions
        {
            // On Windows a file that is open can be renamed only where it is shared for that.
            Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = LibC.IsHere ? FileShare.None : FileShare.Delete, BufferSize = 0,
        };
        if (isPrivate && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <inheritdoc cref="Durability.Flush"/>
    public virtual void Flush(FileStream file) => Durability.Flush(file);

    /// <inheritdoc cref="Durability.Close"/>
    public virtual void Close(FileStream file) => Durability.Close(file);

    /// <inheritdoc cref="Durability.FlushFolder"/>
    public virtual void FlushFolder(string path) => Durability.FlushFolder(path);

    /// <summary>Makes a folder and those above it, and brings their names to the disk.</summary>
    public virtual void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
        {
            CreateFolder(parent);
        }

        Directory.CreateDirectory(path);
        FlushFolder(parent ?? path);
    }

    /// <summary>Renames a file or folder; a file replaces a file, a folder an empty folder.</summary>
    public virtual void Rename(string from, string to)
    {
        if (LibC.IsHere)
        {
            LibC.Rename(from, to);
        }
        else if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    }

    /// <inheritdoc cref="LibC.TryExchange"/>
    public virtual bool TryExchange(string first, string second) => LibC.IsHere && LibC.TryExchange(first, second);
}
