namespace Tessera.Core;

/// <summary>Writes a file beside its final place and renames it there, so that a reader sees the old file or the new one, never a part.</summary>
public static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>; on any fault the old file stays and nothing is left beside it.</summary>
    /// <param name="path">The final path; its folder is created.</param>
    /// <param name="write">Writes the whole content to the stream that it gets.</param>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        string beside = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, full, overwrite: true);
        }
        catch (Exception fault)
        {
            TryDelete(beside);
            if (fault is IOException or UnauthorizedAccessException)
            {
                throw new BadFileException($"Cannot write {full}: {fault.Message} Free some space or choose another folder; this file is as it was before.", fault);
            }

            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The first fault is the one to report; a left-over .tmp file harms nobody.
        }
    }
}
