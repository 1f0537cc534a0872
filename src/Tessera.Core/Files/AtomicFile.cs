using Microsoft.Win32.SafeHandles;

namespace Tessera.Core;

/// <summary>
/// Writes a file beside its final place, waits for the disk and renames it there, so that a reader, even after a loss of power, sees the old
/// file or the new one, never a part.
/// </summary>
/// <remarks>
/// A link is followed: the file that it leads to is replaced. The new file keeps the rights of the old one, and its owner and group as far as
/// this user may give them; other hard links keep the old content. A device, a pipe or <c>/dev/stdout</c> is written to as it is.
/// </remarks>
public static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>; on any fault the old file stays and nothing is left beside it.</summary>
    /// <param name="path">The final path; its folder is created.</param>
    /// <param name="write">Writes the whole content to the stream that it gets, from the start to the end.</param>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full or fails.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, DiskCalls.Real);

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full or fails.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    internal static void Write(string path, Action<Stream> write, DiskCalls disk)
    {
        WriteTarget target;
        try
        {
            target = WriteTarget.Of(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot write {path}: {fault.Message} This file is as it was before.", fault);
        }

        if (target.IsInPlace)
        {
            WriteInPlace(target, write);
        }
        else
        {
            Replace(target, write, disk);
        }
    }

    private static void WriteInPlace(WriteTarget target, Action<Stream> write)
    {
        try
        {
            using FileStream stream = target.Descriptor is { } descriptor
                ? new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0)
                : new FileStream(target.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            WriteBuffered(stream, write);

            // Asking for the handle moves the open file's position behind what was written, for whoever writes to it next.
            _ = stream.SafeFileHandle;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot write {target.Path}: {fault.Message} Check what it leads to, or write to a file.", fault);
        }
    }

    private static void Replace(WriteTarget target, Action<Stream> write, DiskCalls disk)
    {
        string folder = Path.GetDirectoryName(target.Path)!;
        FileStream? stream = null;
        try
        {
            disk.CreateFolder(folder);
            LeftOvers.RemoveFiles(folder);
            bool isThere = target.Status.Kind == FileKind.Regular;
            stream = LeftOvers.Create(folder, isPrivate: isThere, disk);
            WriteBuffered(stream, write);
            if (isThere)
            {
                target.Status.GiveTo(stream.SafeFileHandle);
            }

            disk.Flush(stream);
            Replacement.Put(stream.Name, target.Path, disk, () => disk.Close(stream));
        }
        catch (Exception fault)
        {
            if (stream is not null)
            {
                stream.Dispose();
                LeftOvers.TryDelete(stream.Name);
            }

            if (fault is IOException or UnauthorizedAccessException)
            {
                // Which name it has meanwhile is an inner matter.
                string reason = LeftOvers.HideName(fault.Message, folder, target.Path);
                throw new BadFileException(
                    $"Cannot write {target.Path}: {reason} Free some space, mend the rights of its folder or choose another folder; this file is as it was before.", fault);
            }

            throw;
        }
    }

    /// <summary>The buffer is not disposed: after a fault that would write its rest once more, and hide the fault behind another.</summary>
    private static void WriteBuffered(FileStream stream, Action<Stream> write)
    {
        var buffer = new BufferedStream(stream, BufferSize);
        write(buffer);
        buffer.Flush();
    }
}
